import type { Clock } from '@aauth-stack/aauth/clock';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { publishedKeys, type SigningKeys } from './signing-keys.ts';

/** Short enough that a new key is known everywhere soon, long enough that nobody asks for every token. */
const cacheControl = 'public, max-age=300';

/** GET /.well-known/jwks.json */
export function jwks({ db, now }: { db: Database; now: Clock }) {
  return async (c: AppContext) => {
    return c.json({ keys: await publishedKeys(db, now()) }, 200, { 'cache-control': cacheControl });
  };
}

/** POST /operator/keys/rotate: the next tokens are signed with a new key. */
export function rotateKey(signingKeys: SigningKeys) {
  return async (c: AppContext) => c.json(await signingKeys.rotate());
}
