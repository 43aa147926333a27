import type { Clock } from '../clock.ts';
import { RateLimitError } from '../errors.ts';

/** Keeps track of when pending requests were last polled. */
export interface PollPace {
  /**
   * @param id of a pending request
   * @throws RateLimitError `slow_down` when that was told to come back less than the interval ago
   */
  check(id: string): void;
  /** Notes that a poll of this pending request has just been told to come back later. */
  note(id: string): void;
}

/** How fast pending requests may be polled. */
export interface PollPaceOptions {
  readonly now: Clock;
  /** Seconds that have to pass between a 202 and the next poll; less than its `Retry-After`. Default 1. */
  readonly interval?: number;
  /** Pending requests that are kept track of, the latest ones. Default 10,000. */
  readonly maxRemembered?: number;
}

const slowDownSeconds = 5;

/**
 * Refuses who polls one pending request too fast with 429 `slow_down` (AAuth Protocol, "Polling Error Codes"). A pace and no
 * limit: it is kept in memory, so each replica has its own.
 *
 * @param options the time, the pace, and how much is remembered
 * @returns of which `check` throws, and nothing else
 */
export function createPollPace({ now, interval = 1, maxRemembered = 10_000 }: PollPaceOptions): PollPace {
  const answered = new Map<string, number>();
  return {
    check(id) {
      const last = answered.get(id);
      // Less than nothing has passed when the clock was set back: then nobody knows.
      if (last === undefined || now() - last >= interval || now() < last) return;
      throw new RateLimitError(
        'slow_down',
        `This request was polled less than ${interval} s ago; heed Retry-After.`,
        slowDownSeconds,
      );
    },
    note(id) {
      answered.delete(id);
      answered.set(id, now());
      const [oldest] = answered.keys();
      if (answered.size > maxRemembered && oldest !== undefined) answered.delete(oldest);
    },
  };
}
