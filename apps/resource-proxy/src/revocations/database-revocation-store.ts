import { createHash } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import { AAuthError, RateLimitError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { RevocationStore } from '@aauth-stack/aauth/resource';
import type { Database } from '@aauth-stack/service/database';
import { and, eq, gte, lt, min, sql } from 'drizzle-orm';
import type * as schema from '../db/schema.ts';
import { revocations } from '../db/schema.ts';

export interface DatabaseRevocationStoreOptions {
  readonly db: Database<typeof schema>['db'];
  readonly now: Clock;
  /** Revocations that one issuer can have in force; then it is told to wait. */
  readonly maxPerIssuer?: number;
}

/**
 * Remembers revoked tokens for every replica. Each request asks the database: an answer kept in a replica, even one that
 * notifications bring up to date, could admit a request that comes right after the revocation was confirmed by another.
 */
export function createDatabaseRevocationStore(options: DatabaseRevocationStoreOptions): RevocationStore {
  const { db, now, maxPerIssuer = 100_000 } = options;
  const lookup = db
    .select({ issuer: revocations.issuer })
    .from(revocations)
    .where(and(eq(revocations.issuer, sql.placeholder('issuer')), eq(revocations.jtiHash, sql.placeholder('jtiHash'))))
    .prepare('revocation_lookup');

  async function checkRoom(issuer: string): Promise<void> {
    await db.delete(revocations).where(lt(revocations.expiresAt, now()));
    const inForce = await db.$count(revocations, eq(revocations.issuer, issuer));
    if (inForce < maxPerIssuer) return;
    const [row] = await db
      .select({ first: min(revocations.expiresAt) })
      .from(revocations)
      .where(and(eq(revocations.issuer, issuer), gte(revocations.expiresAt, now())));
    const retryAfter = Math.max(1, Math.ceil((row?.first ?? 0) - now()));
    throw new RateLimitError('rate_limited', 'Too many revocations of this issuer are in force.', retryAfter);
  }

  return {
    revoke: ({ issuer, jti, expiresAt }) =>
      available(async () => {
        await checkRoom(issuer);
        await db
          .insert(revocations)
          .values({ issuer, jtiHash: hashOf(jti), expiresAt })
          .onConflictDoUpdate({
            target: [revocations.issuer, revocations.jtiHash],
            set: { expiresAt: sql`greatest(${revocations.expiresAt}, excluded.expires_at)` },
          });
      }),
    isRevoked: ({ issuer, jti }) =>
      available(async () => (await lookup.execute({ issuer, jtiHash: hashOf(jti) })).length > 0),
  };
}

/** Whatever is wrong with the storage, the request has not been refused for anything in it, and is not let in either. */
async function available<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AAuthError) throw cause;
    throw new UnavailableError('Which tokens have been revoked cannot be told at the moment.', { cause });
  }
}

function hashOf(jti: string): string {
  return createHash('sha256').update(jti).digest('base64url');
}
