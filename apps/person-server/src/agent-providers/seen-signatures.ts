import type { Clock } from '@aauth-stack/aauth/clock';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import { lt } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { seenSignatures } from '../db/schema.ts';

/** A replay cache in the database: a request that one replica accepted is refused by every other. Rows go when they expire. */
export function createSeenSignatures({ db, now }: { db: Database; now: Clock }): ReplayCache {
  return {
    claim: async (id, expiresAt) => {
      await db.delete(seenSignatures).where(lt(seenSignatures.expiresAt, toDate(now())));
      const claimed = await db
        .insert(seenSignatures)
        .values({ id, expiresAt: toDate(expiresAt) })
        .onConflictDoNothing()
        .returning();
      return claimed.length > 0;
    },
  };
}
