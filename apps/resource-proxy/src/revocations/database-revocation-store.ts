import { createHash } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import { AAuthError, RateLimitError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { Revocation, RevocationStore } from '@aauth-stack/aauth/resource';
import type { Database } from '@aauth-stack/service/database';
import { and, count, eq, gte, lt, min, ne, sql } from 'drizzle-orm';
import type * as schema from '../db/schema.ts';
import { revocations } from '../db/schema.ts';

export interface DatabaseRevocationStoreOptions {
  readonly db: Database<typeof schema>['db'];
  readonly now: Clock;
  /** Revocations that one issuer can have in force; then it is told to wait. */
  readonly maxPerIssuer?: number;
}

/** Seconds, so that a clock that was ahead for a while has taken no revocation with it. */
const keptLonger = 86_400;

/**
 * Remembers revoked tokens for every replica, until they have expired. Each request asks the database: an answer kept in a
 * replica, even one that notifications bring up to date, could admit a request that comes right after another replica has
 * confirmed the revocation.
 */
export function createDatabaseRevocationStore(options: DatabaseRevocationStoreOptions): RevocationStore {
  const { db, now, maxPerIssuer = 100_000 } = options;
  const { issuer: issuerColumn, jtiHash: hashColumn, expiresAt: expiryColumn } = revocations;
  const lookup = db
    .select({ issuer: issuerColumn })
    .from(revocations)
    .where(and(eq(issuerColumn, sql.placeholder('issuer')), eq(hashColumn, sql.placeholder('jtiHash'))))
    .prepare('revocation_lookup');

  async function revoke({ issuer, jti, expiresAt }: Revocation): Promise<void> {
    const jtiHash = hashOf(jti);
    await db.delete(revocations).where(lt(expiryColumn, now() - keptLonger));
    const [others] = await db
      .select({ inForce: count(), firstEnd: min(expiryColumn) })
      .from(revocations)
      .where(and(eq(issuerColumn, issuer), ne(hashColumn, jtiHash), gte(expiryColumn, now())));
    if (others && others.inForce >= maxPerIssuer) {
      const retryAfter = Math.max(1, Math.ceil((others.firstEnd ?? 0) - now()));
      throw new RateLimitError('rate_limited', 'Too many revocations of this issuer are in force.', retryAfter);
    }
    await db
      .insert(revocations)
      .values({ issuer, jtiHash, expiresAt })
      .onConflictDoUpdate({
        target: [issuerColumn, hashColumn],
        set: { expiresAt: sql`greatest(${expiryColumn}, excluded.expires_at)` },
      });
  }

  return {
    revoke: (revocation) => available(() => revoke(revocation)),
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
