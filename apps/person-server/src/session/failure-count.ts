import type { Clock } from '@aauth-stack/aauth/clock';
import { and, eq, gt, gte, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { failureCounts } from '../db/schema.ts';

const failuresAllowed = 10;
const windowSeconds = 300;

/** Counts what somebody got wrong, within windows of five minutes, in the database for all replicas together. */
export interface FailureCount {
  /** How many seconds are left to wait for whoever has used up the ten attempts; undefined for anybody else. */
  secondsToWait(who: string): Promise<number | undefined>;
  record(who: string): Promise<void>;
}

/** @param what is got wrong; each has its own counts */
export function createFailureCount(what: string, { db, now }: { db: Database; now: Clock }): FailureCount {
  const keyOf = (who: string) => `${what} ${who}`;
  return {
    secondsToWait: async (who) => {
      const [exceeded] = await db
        .select()
        .from(failureCounts)
        .where(
          and(
            eq(failureCounts.key, keyOf(who)),
            gte(failureCounts.failures, failuresAllowed),
            gt(failureCounts.windowEndsAt, toDate(now())),
          ),
        );
      return exceeded && Math.ceil(exceeded.windowEndsAt.getTime() / 1000 - now());
    },

    record: async (who) => {
      const windowEndsAt = toDate(now() + windowSeconds);
      const windowIsOver = sql`${failureCounts.windowEndsAt} <= ${toDate(now()).toISOString()}`;
      await db
        .insert(failureCounts)
        .values({ key: keyOf(who), failures: 1, windowEndsAt })
        .onConflictDoUpdate({
          target: failureCounts.key,
          set: {
            failures: sql`case when ${windowIsOver} then 1 else ${failureCounts.failures} + 1 end`,
            windowEndsAt: sql`case when ${windowIsOver} then excluded.window_ends_at else ${failureCounts.windowEndsAt} end`,
          },
        });
    },
  };
}
