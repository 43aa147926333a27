import type { Handler } from 'hono';
import type { ProviderEnv } from '../checks/env.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Well below the day for which verifiers may keep a set; an unknown `kid` makes them ask again anyway. */
const maxAgeSeconds = 300;

/** `GET /.well-known/jwks.json`: the public keys of every agent token that is still valid. */
export function jwksHandler(signingKeys: SigningKeys): Handler<ProviderEnv> {
  return async function jwks(c) {
    const keys = await signingKeys.published();
    return c.json({ keys }, 200, { 'cache-control': `public, max-age=${maxAgeSeconds}` });
  };
}
