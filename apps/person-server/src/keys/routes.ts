import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { publishedKeys } from './signing-keys.ts';

/** Short enough that a new key is known everywhere soon, long enough that nobody asks for every token. */
const cacheControl = 'public, max-age=300';

/** GET /.well-known/jwks.json */
export function jwks({ db }: { db: Database }) {
  return async (c: AppContext) => {
    return c.json({ keys: await publishedKeys(db) }, 200, { 'cache-control': cacheControl });
  };
}
