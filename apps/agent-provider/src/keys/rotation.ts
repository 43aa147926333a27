import type { Handler } from 'hono';
import type { ProviderEnv } from '../checks/env.ts';
import type { SigningKeys } from './signing-keys.ts';

/** `POST /operator/keys/rotate`: the next tokens are signed with a new key. */
export function rotateHandler(signingKeys: SigningKeys): Handler<ProviderEnv> {
  return async function rotate(c) {
    return c.json(await signingKeys.rotate(), 200, { 'cache-control': 'no-store' });
  };
}
