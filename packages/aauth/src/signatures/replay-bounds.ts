import type { Clock } from '../clock.ts';
import { RateLimitError, UnavailableError } from '../errors.ts';
import { createCallerCounts } from './caller-counts.ts';
import type { ReplayCaller } from './replay-caller.ts';
import { createSecondSpans } from './second-spans.ts';

/** What keeps a memory of seen signatures fair and honest, wherever its entries are stored. */
export interface ReplayBounds {
  /**
   * Asks whether another entry may be stored.
   *
   * @param caller from {@link replayCaller}
   * @param expiresAt from `replayExpiry`; seconds since the epoch
   * @param stored how many entries there are, of all callers
   * @throws RateLimitError `rate_limited` when this caller has had its share
   * @throws UnavailableError when there is no room at all, or when it cannot be told whether the signature has been seen
   */
  admit(caller: ReplayCaller, expiresAt: number, stored: number): void;
  /** Counts an entry that has been stored, for as long as it can be needed. */
  count(caller: ReplayCaller, expiresAt: number): void;
  /** Notes that entries which expired within these seconds are gone: should the clock be set back, they are missing. */
  forget(from: number, to: number): void;
}

/**
 * Makes the bounds of a {@link ReplayCache}. Two things hold:
 *
 * - No caller takes the room that others need. A caller may store another entry while what it has itself, and what each group
 *   that it belongs to has, are together fewer than the places that are free. So one key alone gets a third or a quarter, one
 *   issuer with all its agents or people half, and however many fill it, some of it stays free for whoever comes next; only
 *   about as many issuers as there are places fill it.
 * - No repeat passes because a clock went ahead and was set back. Entries are dropped when their time has passed; a signature of
 *   a time whose entries were dropped is refused with 503, although the clock may say that it is fresh.
 *
 * AAuth Protocol, "Freshness and Replay"; the rules are (ours). What callers have is counted in this process: replicas that share a
 * storage count each its own, and all of them how much is free. Making bounds never throws.
 *
 * @param options.maxEntries how many entries are stored at most
 * @param options.now the time by which entries expire
 * @returns bounds of an empty memory
 */
export function createReplayBounds({
  maxEntries,
  now,
}: {
  readonly maxEntries: number;
  readonly now: Clock;
}): ReplayBounds {
  const counts = createCallerCounts(now);
  const forgotten = createSecondSpans();

  return {
    admit(caller, expiresAt, stored) {
      const expiry = Math.ceil(expiresAt);
      if (forgotten.has(expiry)) {
        const detail =
          'The clock here was set back, so it cannot be told whether this request has been seen. Sign it again.';
        throw new UnavailableError(detail, { retryAfter: 1 });
      }
      const free = maxEntries - stored;
      if (counts.of(caller) < free) return;
      if (free <= 0) {
        const retryAfter = counts.secondsUntilFewer();
        throw new UnavailableError('Too many signed requests to remember which ones have been seen.', { retryAfter });
      }
      const detail = 'Too many signed requests of this sender, or of its issuer, within a minute.';
      throw new RateLimitError('rate_limited', detail, counts.secondsUntilFewer(caller) ?? 1);
    },
    count: (caller, expiresAt) => counts.add(caller, Math.ceil(expiresAt)),
    forget: (from, to) => forgotten.add(Math.ceil(from), Math.ceil(to)),
  };
}
