import type { Clock } from '@aauth-stack/aauth/clock';
import { createStoredReplayCache, type StoredReplayCache } from '@aauth-stack/aauth/signatures';
import type { Database } from '@aauth-stack/service/database';
import { count, sql } from 'drizzle-orm';
import type * as schema from '../db/schema.ts';
import { seenSignatures } from '../db/schema.ts';

export interface DatabaseReplayCacheOptions {
  readonly db: Database<typeof schema>['db'];
  readonly now: Clock;
  /** When so many still count, it refuses rather than forgets one. */
  readonly maxEntries?: number;
}

/**
 * Recognises repeated requests across replicas and restarts: the database decides which of two claims was first.
 */
export function createDatabaseReplayCache({
  db,
  now,
  maxEntries = 1_000_000,
}: DatabaseReplayCacheOptions): StoredReplayCache {
  return createStoredReplayCache({
    maxEntries,
    now,
    store: {
      async add(id, expiresAt) {
        const rows = await db.insert(seenSignatures).values({ id, expiresAt }).onConflictDoNothing().returning();
        return rows.length === 1;
      },
      async dropExpired(before) {
        // By both clocks: a replica whose own is ahead does not drop what the others still need.
        const [dropped] = await db.execute<{ from: number | null; to: number | null }>(sql`
          with dropped as (
            delete from ${seenSignatures}
            where ${seenSignatures.expiresAt} < least(${before}::double precision, extract(epoch from clock_timestamp()))
            returning ${seenSignatures.expiresAt}
          )
          select min(expires_at) as "from", max(expires_at) as "to" from dropped`);
        const [row] = await db.select({ left: count() }).from(seenSignatures);
        const { from, to } = dropped ?? {};
        return { left: row?.left ?? 0, dropped: from == null || to == null ? undefined : { from, to } };
      },
    },
  });
}
