import type { Clock } from '@aauth-stack/aauth/clock';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import type { Database } from '@aauth-stack/service/database';
import { count, lt } from 'drizzle-orm';
import type * as schema from '../db/schema.ts';
import { seenSignatures } from '../db/schema.ts';

export interface DatabaseReplayCacheOptions {
  readonly db: Database<typeof schema>['db'];
  readonly now: Clock;
  /** When so many still count, it refuses rather than forgets one. */
  readonly maxEntries?: number;
}

/** Seconds between two looks at how many entries there are. */
const purgeInterval = 30;

/**
 * Recognises repeated requests across replicas and restarts: the database decides which of two claims was first.
 */
export function createDatabaseReplayCache({
  db,
  now,
  maxEntries = 1_000_000,
}: DatabaseReplayCacheOptions): ReplayCache {
  let entries = 0;
  let purgeAt = Number.NEGATIVE_INFINITY;

  async function purge(): Promise<void> {
    purgeAt = now() + purgeInterval;
    await db.delete(seenSignatures).where(lt(seenSignatures.expiresAt, now()));
    const [row] = await db.select({ rows: count() }).from(seenSignatures);
    entries = row?.rows ?? 0;
  }

  async function claim(id: string, expiresAt: number): Promise<boolean> {
    if (now() >= purgeAt) await purge();
    if (entries >= maxEntries) {
      throw new UnavailableError('Too many signed requests to remember which ones have been seen.');
    }
    const first = await db.insert(seenSignatures).values({ id, expiresAt }).onConflictDoNothing().returning();
    entries += first.length;
    return first.length === 1;
  }

  return {
    async claim(id, expiresAt) {
      try {
        return await claim(id, expiresAt);
      } catch (cause) {
        if (cause instanceof UnavailableError) throw cause;
        // Whatever is wrong with the storage, the request has not been refused for anything in it.
        throw new UnavailableError('Whether this request has been seen before cannot be told at the moment.', {
          cause,
        });
      }
    },
  };
}
