import type { Environment } from '@aauth-stack/service/config';
import { z } from 'zod';
import { type CompiledRule, compileRule } from '../policy/rules.ts';
import { ConfigFileError, type ConfigFileProblem } from './config-file-error.ts';
import { closedObject, duration, parseFile, portNumber, withoutEffect } from './schema.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

const hostName = z
  .string()
  .regex(/^(?:\*\.)?[a-z0-9.-]+$/, { error: 'a lower-case host name without port is expected, or *.example.com' });

const path = z.string().startsWith('/', { error: 'a path that starts with / is expected' });

const match = closedObject({
  path: closedObject({ exact: path.optional(), pathPrefix: path.optional() })
    .refine((value) => (value.exact === undefined) !== (value.pathPrefix === undefined), {
      error: 'one of exact and pathPrefix is expected',
    })
    .optional(),
  method: z
    .string()
    .regex(/^[A-Z]+$/, { error: 'a method in upper case, such as POST, is expected' })
    .optional(),
});

const backend = closedObject({
  mcp: z.undefined({ error: 'an mcp backend is not supported yet; give a host' }).optional(),
  host: z.string({ error: 'host:port is expected' }).regex(/^(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\]):\d{1,5}$/, {
    error: 'host:port is expected, for instance localhost:9999',
  }),
});

const cors = closedObject({
  allowOrigins: z.array(z.string()).min(1),
  allowHeaders: z.array(z.string()).default([]),
  allowMethods: z.array(z.string()).default([]),
  exposeHeaders: z.array(z.string()).default([]),
  allowCredentials: z.boolean().default(false),
  maxAge: duration.optional(),
}).refine((value) => !(value.allowCredentials && value.allowOrigins.includes('*')), {
  error: 'allowCredentials with the origin * would let every web page act for the person; list the origins',
});

const policies = closedObject({
  extAuthz: closedObject({
    host: z.string().optional(),
    protocol: closedObject({
      grpc: closedObject({ context: closedObject({ aauth_resource_id: z.string().min(1) }) }),
    }),
  }).optional(),
  authorization: closedObject({
    rules: z.array(z.string({ error: 'a CEL expression is expected' })).min(1, {
      error: 'at least one rule is expected: without one, nobody is admitted',
    }),
  }).optional(),
  a2a: closedObject({}).optional(),
  cors: cors.optional(),
  urlRewrite: closedObject({ authority: closedObject({ full: z.string().min(1) }) }).optional(),
  timeout: closedObject({ requestTimeout: duration }).optional(),
  backendAuth: withoutEffect(),
});

const route = closedObject({
  name: z.string().min(1).optional(),
  matches: z.array(match).min(1).optional(),
  policies: policies.optional(),
  backends: z.array(backend).length(1, { error: 'exactly one backend is expected' }),
});

const gatewayFile = closedObject({
  config: withoutEffect(),
  binds: z
    .array(
      closedObject({
        port: portNumber,
        listeners: z
          .array(
            closedObject({
              name: z.string().optional(),
              hostname: hostName.optional(),
              routes: z.array(route).min(1),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});

type FileRoute = z.output<typeof route>;

export type CorsPolicy = z.output<typeof cors>;

export interface RouteMatch {
  readonly path: { readonly exact: string } | { readonly prefix: string };
  readonly method: string | undefined;
}

export interface Route {
  readonly name: string;
  readonly matches: readonly RouteMatch[];
  /** Present on protected routes: nothing is forwarded before this resource has verified the request. */
  readonly protection: { readonly resourceId: string; readonly rules: readonly CompiledRule[] | undefined } | undefined;
  readonly a2a: boolean;
  readonly cors: CorsPolicy | undefined;
  /** The `Host` that the backend sees, where it is not the client's. */
  readonly authority: string | undefined;
  /** Seconds until the backend's response headers. */
  readonly timeout: number | undefined;
  /** `host:port`. */
  readonly backend: string;
}

export interface Listener {
  /** Lower case, without port; undefined admits every host. */
  readonly hostname: string | undefined;
  readonly routes: readonly Route[];
}

export interface Bind {
  readonly port: number;
  readonly listeners: readonly Listener[];
}

export interface GatewayConfig {
  readonly binds: readonly Bind[];
  /** Settings to point out at start: without effect here, or risky. */
  readonly remarks: readonly string[];
}

/**
 * Loads a gateway configuration: the subset of agentgateway's schema that this gateway implements.
 *
 * @param resourceIds the resources that routes may name
 * @throws ConfigFileError
 */
export function loadGatewayFile(file: string, environment: Environment, resourceIds: readonly string[]): GatewayConfig {
  const source = readYamlFile(file, environment);
  const parsed = parseFile(source, gatewayFile);
  const remarks: string[] = [];
  const problems: ConfigFileProblem[] = [];
  if (parsed.config !== undefined) {
    remarks.push(`${file}: config: has no effect here; telemetry and logs are set in the environment`);
  }
  const binds = parsed.binds.map((bind, b) => {
    checkHostNames(bind.listeners, ['binds', b, 'listeners'], source, problems);
    return {
      port: bind.port,
      listeners: bind.listeners.map((listener, l) => ({
        hostname: listener.hostname,
        routes: listener.routes.map((fileRoute, r) => {
          const key = ['binds', b, 'listeners', l, 'routes', r];
          problems.push(...routeProblems(fileRoute, key, source, resourceIds));
          const built = buildRoute(fileRoute, `${listener.hostname ?? 'any host'} route ${r}`);
          remarks.push(...routeRemarks(fileRoute, built, listener.hostname).map((remark) => `${file}: ${remark}`));
          return built;
        }),
      })),
    };
  });
  if (problems.length > 0) throw new ConfigFileError(problems);
  return { binds, remarks };
}

function checkHostNames(
  listeners: readonly { hostname?: string }[],
  key: readonly (string | number)[],
  source: YamlFile,
  problems: ConfigFileProblem[],
): void {
  const seen = new Set<string>();
  listeners.forEach(({ hostname = '' }, index) => {
    if (seen.has(hostname)) {
      const reason = hostname ? `${hostname} has a listener already` : 'there is a listener without hostname already';
      problems.push(source.problem([...key, index, 'hostname'], reason));
    }
    seen.add(hostname);
  });
}

function routeProblems(
  fileRoute: FileRoute,
  key: readonly (string | number)[],
  source: YamlFile,
  resourceIds: readonly string[],
): ConfigFileProblem[] {
  const problems: ConfigFileProblem[] = [];
  const { extAuthz, authorization } = fileRoute.policies ?? {};
  const id = extAuthz?.protocol.grpc.context.aauth_resource_id;
  if (id !== undefined && !resourceIds.includes(id)) {
    const known = resourceIds.join(', ');
    problems.push(
      source.problem(
        [...key, 'policies', 'extAuthz', 'protocol', 'grpc', 'context', 'aauth_resource_id'],
        `no resource has the id "${id}"; there are: ${known}`,
      ),
    );
  }
  if (authorization && !extAuthz) {
    problems.push(
      source.problem([...key, 'policies', 'authorization'], 'rules need verified facts: add extAuthz to this route'),
    );
  }
  authorization?.rules.forEach((rule, index) => {
    const compiled = compileRule(rule);
    if (!compiled.ok) {
      problems.push(
        source.problem([...key, 'policies', 'authorization', 'rules', index], `not a CEL rule: ${compiled.reason}`),
      );
    }
  });
  return problems;
}

function buildRoute(fileRoute: FileRoute, defaultName: string): Route {
  const { extAuthz, authorization, a2a, cors: corsPolicy, urlRewrite, timeout } = fileRoute.policies ?? {};
  return {
    name: fileRoute.name ?? defaultName,
    matches: (fileRoute.matches ?? [{}]).map(({ path: matchPath, method }) => ({
      path: matchPath?.exact === undefined ? { prefix: matchPath?.pathPrefix ?? '/' } : { exact: matchPath.exact },
      method,
    })),
    protection: extAuthz && {
      resourceId: extAuthz.protocol.grpc.context.aauth_resource_id,
      rules: authorization?.rules
        .map(compileRule)
        .filter((compiled) => compiled.ok)
        .map(({ rule }) => rule),
    },
    a2a: a2a !== undefined,
    cors: corsPolicy,
    authority: urlRewrite?.authority.full,
    timeout: timeout?.requestTimeout,
    backend: fileRoute.backends[0]?.host ?? '',
  };
}

function routeRemarks(fileRoute: FileRoute, built: Route, hostname: string | undefined): string[] {
  const where = `route ${built.name}${hostname ? ` of ${hostname}` : ''}`;
  const remarks: string[] = [];
  if (fileRoute.policies?.backendAuth !== undefined) {
    remarks.push(`${where}: policies.backendAuth has no effect here; signature headers are forwarded anyway`);
  }
  const open = built.matches.some((routeMatch) => 'prefix' in routeMatch.path && routeMatch.path.prefix === '/');
  if (!built.protection && open) remarks.push(`${where} forwards every path without verification`);
  return remarks;
}
