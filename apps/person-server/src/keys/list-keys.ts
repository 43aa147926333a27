import { jwkThumbprint, parsePublicJwk } from '@aauth-stack/aauth/keys';
import { asc, desc } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { signingKeys } from '../db/schema.ts';

/** The keys of this server, the active one first, as the person is shown them. */
export async function listKeys(db: Database) {
  const rows = await db
    .select({
      kid: signingKeys.kid,
      state: signingKeys.state,
      publicJwk: signingKeys.publicJwk,
      createdAt: signingKeys.createdAt,
      retiredAt: signingKeys.retiredAt,
    })
    .from(signingKeys)
    .orderBy(asc(signingKeys.state), desc(signingKeys.createdAt));
  return Promise.all(
    rows.map(async ({ kid, state, publicJwk, createdAt, retiredAt }) => {
      const jwk = parsePublicJwk(publicJwk);
      return {
        kid,
        alg: jwk.alg,
        jkt: await jwkThumbprint(jwk),
        state,
        created_at: createdAt.toISOString(),
        retired_at: retiredAt?.toISOString() ?? null,
        public_jwk: jwk,
      };
    }),
  );
}
