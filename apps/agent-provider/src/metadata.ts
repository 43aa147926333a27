import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { signatureAlgorithms } from '@aauth-stack/aauth/keys';
import type { Handler } from 'hono';
import type { ProviderEnv } from './checks/env.ts';

const maxAgeSeconds = 300;

/** `GET /.well-known/aauth-agent.json` (AAuth Protocol, "Agent Provider Metadata"). */
export function metadataHandler(options: {
  issuer: ServerIdentifier;
  name: string;
  allowLoopback: boolean;
}): Handler<ProviderEnv> {
  const { issuer, name, allowLoopback } = options;
  const document = {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    name,
    registration_endpoint: `${issuer}/register`,
    refresh_endpoint: `${issuer}/refresh`,
    accept_signature_algs: signatureAlgorithms,
    localhost_callback_allowed: allowLoopback,
  };
  return function metadata(c) {
    return c.json(document, 200, { 'cache-control': `public, max-age=${maxAgeSeconds}` });
  };
}
