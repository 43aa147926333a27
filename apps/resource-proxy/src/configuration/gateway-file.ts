import type { Environment } from '@aauth-stack/service/config';
import { type CompiledRule, compileRule, itemRuleNames } from '../policy/rules.ts';
import { ConfigFileError, type ConfigFileProblem, type Report } from './config-file-error.ts';
import { type FileProtection, type FileRoute, gatewayFile } from './gateway-schema.ts';
import type { ResourceConfig } from './resource-config.ts';
import type { Bind, McpBackend, McpTarget, Route } from './routes.ts';
import { parseFile } from './schema.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

export interface GatewayConfig {
  readonly binds: readonly Bind[];
  /** Settings to point out at start: without effect here, or risky. */
  readonly remarks: readonly string[];
}

/** What routes may refer to of a resource. */
export type RoutedResource = Pick<ResourceConfig, 'id' | 'asksForAuthTokens' | 'scopeDescriptions'>;

/**
 * Loads a gateway configuration: the subset of agentgateway's schema that this gateway implements.
 *
 * @param resources the resources that routes may name
 * @throws ConfigFileError
 */
export function loadGatewayFile(
  file: string,
  environment: Environment,
  resources: readonly RoutedResource[],
): GatewayConfig {
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
          problems.push(...routeProblems(fileRoute, key, source, resources));
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
  resources: readonly RoutedResource[],
): ConfigFileProblem[] {
  const problems: ConfigFileProblem[] = [];
  const { extAuthz, authorization, mcpAuthorization } = fileRoute.policies ?? {};
  if (extAuthz) {
    const contextKey = [...key, 'policies', 'extAuthz', 'protocol', 'grpc', 'context'];
    const report: Report = (name, reason) => problems.push(source.problem([...contextKey, ...name], reason));
    checkProtection(extAuthz.protocol.grpc.context, resources, report);
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
  mcpAuthorization?.rules.forEach((rule, index) => {
    const compiled = compileRule(rule, itemRuleNames);
    const at = [...key, 'policies', 'mcpAuthorization', 'rules', index];
    if (!compiled.ok) problems.push(source.problem(at, `not a CEL rule: ${compiled.reason}`));
  });
  const targets = fileRoute.backends[0]?.mcp?.targets;
  if (mcpAuthorization && !targets) {
    const reason = 'only an mcp backend has tools: give the service as backends[0].mcp.targets[0].mcp';
    problems.push(source.problem([...key, 'policies', 'mcpAuthorization'], reason));
  }
  targets?.forEach(({ name }, index) => {
    if (targets.findIndex((target) => target.name === name) === index) return;
    const at = [...key, 'backends', 0, 'mcp', 'targets', index, 'name'];
    problems.push(source.problem(at, `there is a target "${name}" already, and their tools would have the same names`));
  });
  return problems;
}

function checkProtection(
  { aauth_resource_id: id, aauth_required_scopes: scopes }: FileProtection,
  resources: readonly RoutedResource[],
  report: Report,
): void {
  const resource = resources.find((candidate) => candidate.id === id);
  if (!resource) {
    const known = resources.map((candidate) => candidate.id).join(', ');
    report(['aauth_resource_id'], `no resource has the id "${id}"; there are: ${known}`);
    return;
  }
  if (scopes.length > 0 && !resource.asksForAuthTokens) {
    const reason = `the resource "${id}" cannot ask for them: it needs issuer, signing_key and all of allowed_jwt_types`;
    report(['aauth_required_scopes'], reason);
  }
  for (const scope of scopes) {
    if (Object.hasOwn(resource.scopeDescriptions, scope)) continue;
    const known = Object.keys(resource.scopeDescriptions).join(', ');
    report(['aauth_required_scopes'], `the resource "${id}" has no scope "${scope}"; there are: ${known}`);
  }
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
      requiredScopes: extAuthz.protocol.grpc.context.aauth_required_scopes,
      rules: authorization?.rules
        .map((rule) => compileRule(rule))
        .filter((compiled) => compiled.ok)
        .map(({ rule }) => rule),
    },
    a2a: a2a !== undefined,
    cors: corsPolicy,
    authority: urlRewrite?.authority.full,
    timeout: timeout?.requestTimeout,
    backend: fileRoute.backends[0]?.host ?? '',
    mcp: buildMcp(fileRoute),
  };
}

function buildMcp({ policies, backends: [backend] }: FileRoute): McpBackend | undefined {
  if (!backend?.mcp) return undefined;
  return {
    targets: backend.mcp.targets.flatMap(({ name, stdio, mcp }): McpTarget[] => {
      if (stdio) return [{ name, stdio: { command: stdio.cmd, args: stdio.args, env: stdio.env } }];
      return mcp ? [{ name, http: mcp }] : [];
    }),
    rules: policies?.mcpAuthorization?.rules.flatMap((rule): CompiledRule[] => {
      const compiled = compileRule(rule, itemRuleNames);
      return compiled.ok ? [compiled.rule] : [];
    }),
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
