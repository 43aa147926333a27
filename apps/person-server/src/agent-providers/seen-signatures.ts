import type { Clock } from '@aauth-stack/aauth/clock';
import { createStoredReplayCache, type StoredReplayCache } from '@aauth-stack/aauth/signatures';
import { count, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { seenSignatures } from '../db/schema.ts';

/** When so many still count, it refuses rather than forgets one. */
const maxSeenSignatures = 200_000;

/** A replay cache in the database: a request that one replica accepted is refused by every other. Rows go when they expire. */
export function createSeenSignatures({ db, now }: { db: Database; now: Clock }): StoredReplayCache {
  return createStoredReplayCache({
    maxEntries: maxSeenSignatures,
    now,
    store: {
      async add(id, expiresAt) {
        const row = { id, expiresAt: toDate(expiresAt) };
        const claimed = await db.insert(seenSignatures).values(row).onConflictDoNothing().returning();
        return claimed.length > 0;
      },
      async dropExpired(before) {
        // By both clocks: a replica whose own is ahead does not drop what the others still need.
        const [dropped] = await db.execute<{ from: number | null; to: number | null }>(sql`
          with dropped as (
            delete from ${seenSignatures}
            where ${seenSignatures.expiresAt} < least(${toDate(before).toISOString()}::timestamptz, clock_timestamp())
            returning ${seenSignatures.expiresAt}
          )
          select extract(epoch from min(expires_at))::double precision as "from",
                 extract(epoch from max(expires_at))::double precision as "to" from dropped`);
        const [row] = await db.select({ left: count() }).from(seenSignatures);
        const { from, to } = dropped ?? {};
        return { left: row?.left ?? 0, dropped: from == null || to == null ? undefined : { from, to } };
      },
    },
  });
}
