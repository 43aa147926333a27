import { tokenTypes } from '@aauth-stack/aauth/tokens';
import { z } from 'zod';
import { address, closedObject, duration, withoutEffect } from './schema.ts';

const host = z
  .string()
  .regex(/^[a-z0-9.-]+(?::\d{1,5})?$/, { error: 'a lower-case host with an optional port is expected' });

const server = closedObject({ issuer: z.string(), jwks_uri: z.string().optional() });

/** The schemes that a resource may list. */
export const schemes = ['jwt', 'jwks_uri', 'hwk'] as const;

/** The token types that a resource may list. */
export const presentedTypes = [tokenTypes.agent, tokenTypes.person, tokenTypes.auth] as const;

// RFC 6749 §3.3: scope-token.
const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope name without spaces, quotes and backslashes is expected' });

const key = closedObject({
  kid: z.string().min(1),
  alg: z.enum(['Ed25519', 'EdDSA', 'ES256']).default('Ed25519'),
  private_key_file: z.string().min(1),
});

const resource = closedObject({
  id: z.string().min(1),
  issuer: z.string().optional(),
  name: z.string().optional(),
  client_name: z.string().optional(),
  description: z.string().optional(),
  logo_uri: z.string().optional(),
  logo_dark_uri: z.string().optional(),
  hosts: z.array(host).default([]),
  authority_override: z
    .union([host, z.literal('')], { error: 'a lower-case host with an optional port is expected' })
    .optional(),
  signing_key: key.optional(),
  published_keys: z.array(key).default([]),
  signature_window: duration
    .refine((seconds) => seconds >= 1, { error: 'at least 1s is expected: a shorter window rejects every request' })
    .default(60),
  additional_signature_components: z.array(z.string().regex(/^@?[a-z0-9-]+$/)).default([]),
  supported_scopes: z.array(scope).default([]),
  scope_descriptions: z.record(scope, z.string()).default({}),
  default_resource_token_scopes: z.array(scope).default([]),
  authorization_endpoint_override: z.string().optional(),
  authorization_endpoint: z.string().optional(),
  login_endpoint: z.string().optional(),
  allow_pseudonymous: z.boolean().default(false),
  strip_signature_headers: z.boolean().default(false),
  allowed_signature_key_schemes: z.array(z.enum(schemes)).optional(),
  forward_token: z.boolean().default(false),
  forward_proxy_secret: z.boolean().default(false),
  allow_insecure_jwt_issuer: withoutEffect(),
  allowed_jwt_types: z.array(z.enum(presentedTypes)).optional(),
  agent_servers: z.array(server).default([]),
  person_server: server.optional(),
  auth_servers: z.array(server).default([]),
  access: closedObject({ require: z.enum(['identity', 'person-token', 'auth-token']).default('identity') }).optional(),
  policy: withoutEffect(),
});

/** The schema of the published ext_authz AAuth service, with `name`, `description`, `forward_token` and `forward_proxy_secret` added. */
export const resourcesFile = closedObject({
  listen: closedObject({ grpc: address.optional(), http: address.optional() }).optional(),
  jwks_cache: withoutEffect(),
  resources: z.array(resource).min(1),
});

export type FileResource = z.output<typeof resource>;

export type ResourcesFile = z.output<typeof resourcesFile>;
