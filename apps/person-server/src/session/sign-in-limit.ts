import type { Clock } from '@aauth-stack/aauth/clock';
import type { Database } from '../db/database.ts';
import { createFailureCount } from './failure-count.ts';
import { SessionError } from './session-error.ts';

/** Keeps a network address from trying portal tokens without end. */
export interface SignInLimit {
  /** @throws SessionError `slow_down` while the address has used up its attempts, right token or not */
  check(address: string): Promise<void>;
  recordFailure(address: string): Promise<void>;
}

export function createSignInLimit(options: { db: Database; now: Clock }): SignInLimit {
  const failures = createFailureCount('portal-token', options);
  return {
    check: async (address) => {
      const wait = await failures.secondsToWait(address);
      if (wait === undefined) return;
      throw new SessionError(
        'slow_down',
        `Too many wrong tokens came from your address. Try again in ${wait} seconds.`,
        { 'retry-after': String(wait) },
      );
    },
    recordFailure: (address) => failures.record(address),
  };
}
