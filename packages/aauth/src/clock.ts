/** Tells the time in seconds since the epoch, with fractions. Injected wherever expiry matters. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now() / 1000;

/** Verifiers refuse what is dated further ahead than this, in seconds. */
const window = 60;

/**
 * Whether the clock has been set back since a moment, so far that what was dated then is refused now (by more than the 60 seconds of
 * AAuth Protocol, "Freshness and Replay"), and that intervals which began then say nothing; the rule is (ours). Never throws.
 *
 * @param now the clock
 * @param since what it said then, in seconds since the epoch
 * @returns `false` also when it went on, however far
 */
export function wasSetBack(now: Clock, since: number): boolean {
  return now() < since - window;
}

/** Waits for `seconds`; rejects with the signal's reason as soon as `signal` is aborted. Injected together with a {@link Clock}. */
export type Sleep = (seconds: number, signal?: AbortSignal) => Promise<void>;

// setTimeout takes a signed 32-bit number of milliseconds and fires at once for anything above.
const longestTimeout = 2 ** 31 - 1;

/** Waits by the machine's clock. */
export const systemSleep: Sleep = (seconds, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(finish, Math.min(Math.max(0, seconds * 1000), longestTimeout));
    signal?.addEventListener('abort', abort, { once: true });
    function finish(): void {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    function abort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
