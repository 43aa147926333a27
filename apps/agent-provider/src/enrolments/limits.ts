import { RateLimitError } from '@aauth-stack/aauth/errors';
import type { Queries } from '../db/queries.ts';
import { countCreatedAfter, countPending } from './storage.ts';

export interface EnrolmentLimits {
  /** Enrolments that may wait for the person at one time. */
  maxPending: number;
  /** Enrolments that may be opened within a minute. */
  maxPerMinute: number;
}

/**
 * Anybody with a key may ask to be enrolled; this is what keeps them from filling the database and the person's list.
 * Exact only under the enrolment lock.
 *
 * @throws RateLimitError `rate_limited`
 */
export async function checkEnrolmentLimits(tx: Queries, limits: EnrolmentLimits, now: number): Promise<void> {
  if ((await countPending(tx, now)) >= limits.maxPending) {
    throw new RateLimitError(
      'rate_limited',
      `${limits.maxPending} enrolments wait for the person; try again when some are decided.`,
      60,
    );
  }
  if ((await countCreatedAfter(tx, now - 60)) >= limits.maxPerMinute) {
    throw new RateLimitError(
      'rate_limited',
      `More than ${limits.maxPerMinute} enrolments were asked for within a minute; try again later.`,
      60,
    );
  }
}
