import { z } from 'zod';
import { closedObject, duration, portNumber, withoutEffect } from './schema.ts';

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

const hostPort = /^(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\]):\d{1,5}$/;

/** Where an MCP server listens: a URL in `host`, or its parts. */
const mcpAddress = closedObject({
  host: z.string({ error: 'a URL such as http://localhost:9997/mcp is expected, or a host' }),
  port: portNumber.optional(),
  path: path.optional(),
}).transform(({ host, port, path: wanted }, context) => {
  const url = host.includes('://') ? URL.parse(host) : null;
  const authority = url ? `${url.hostname}:${url.port || '80'}` : port === undefined ? host : `${host}:${port}`;
  const isHttp = url ? url.protocol === 'http:' && port === undefined && wanted === undefined : !host.includes('://');
  if (isHttp && hostPort.test(authority)) return { host: authority, path: url ? url.pathname : (wanted ?? '/mcp') };
  const message = `${host} is neither a URL such as http://localhost:9997/mcp nor a host with a port beside it`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const mcpTarget = closedObject({
  name: z.string().regex(/^[A-Za-z0-9-]{1,32}$/, {
    error: 'letters, digits and - are expected: _ ends it in the names of tools',
  }),
  stdio: closedObject({
    cmd: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
  }).optional(),
  mcp: mcpAddress.optional(),
}).refine(({ stdio, mcp }) => (stdio === undefined) !== (mcp === undefined), {
  error: 'one of stdio and mcp is expected',
});

const backend = closedObject({
  mcp: closedObject({ targets: z.array(mcpTarget).min(1) }).optional(),
  host: z
    .string({ error: 'host:port is expected' })
    .regex(hostPort, { error: 'host:port is expected, for instance localhost:9999' })
    .optional(),
}).refine(({ host, mcp }) => (host === undefined) !== (mcp === undefined), {
  error: 'one of host and mcp is expected',
});

const rules = z.array(z.string({ error: 'a CEL expression is expected' })).min(1, {
  error: 'at least one rule is expected: without one, nobody is admitted',
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

const protection = closedObject({
  aauth_resource_id: z.string().min(1),
  // Ours, in a place where agentgateway admits any name and text.
  aauth_required_scopes: z
    .string()
    .transform((text) => text.split(' ').filter((scope) => scope !== ''))
    .default([]),
});

const policies = closedObject({
  extAuthz: closedObject({
    host: z.string().optional(),
    failureMode: z.literal('deny', { error: 'deny is expected: nothing passes unchecked here' }).optional(),
    // Here every signed body is compared, whether it is asked for or not.
    includeRequestBody: withoutEffect(),
    protocol: closedObject({
      grpc: closedObject({ context: protection }),
    }),
  }).optional(),
  authorization: closedObject({ rules }).optional(),
  mcpAuthorization: closedObject({ rules }).optional(),
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

/** The subset of agentgateway's schema that this gateway implements. */
export const gatewayFile = closedObject({
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

export type FileRoute = z.output<typeof route>;

export type FileProtection = z.output<typeof protection>;

export type CorsPolicy = z.output<typeof cors>;
