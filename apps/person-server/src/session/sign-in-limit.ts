import type { Clock } from '@aauth-stack/aauth/clock';
import { and, eq, gt, gte, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { signInFailures } from '../db/schema.ts';
import { SessionError } from './session-error.ts';

const failuresAllowed = 10;
const windowSeconds = 300;

/** Keeps a network address from trying portal tokens without end. Counts in the database, for all replicas together. */
export interface SignInLimit {
  /** @throws SessionError `slow_down` while the address has used up its attempts, right token or not */
  check(address: string): Promise<void>;
  recordFailure(address: string): Promise<void>;
}

export function createSignInLimit({ db, now }: { db: Database; now: Clock }): SignInLimit {
  return {
    check: async (address) => {
      const [exceeded] = await db
        .select()
        .from(signInFailures)
        .where(
          and(
            eq(signInFailures.address, address),
            gte(signInFailures.failures, failuresAllowed),
            gt(signInFailures.windowEndsAt, toDate(now())),
          ),
        );
      if (!exceeded) return;
      const wait = Math.ceil(exceeded.windowEndsAt.getTime() / 1000 - now());
      throw new SessionError(
        'slow_down',
        `Too many wrong tokens came from your address. Try again in ${wait} seconds.`,
        {
          'retry-after': String(wait),
        },
      );
    },

    recordFailure: async (address) => {
      const windowEndsAt = toDate(now() + windowSeconds);
      const windowIsOver = sql`${signInFailures.windowEndsAt} <= ${toDate(now()).toISOString()}`;
      await db
        .insert(signInFailures)
        .values({ address, failures: 1, windowEndsAt })
        .onConflictDoUpdate({
          target: signInFailures.address,
          set: {
            failures: sql`case when ${windowIsOver} then 1 else ${signInFailures.failures} + 1 end`,
            windowEndsAt: sql`case when ${windowIsOver} then excluded.window_ends_at else ${signInFailures.windowEndsAt} end`,
          },
        });
    },
  };
}
