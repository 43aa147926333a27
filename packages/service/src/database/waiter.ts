import type { Database } from './open.ts';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds. */
  timeoutMs: number;
  /** Ends the wait early, for instance because the client went away. */
  signal?: AbortSignal;
}

/** Lets requests wait for something that any replica may do, woken through LISTEN/NOTIFY. */
export interface Waiter {
  /**
   * Resolves to true when a notification with `key` as its payload arrives (or one may have been missed), to false after
   * `timeoutMs` or when `signal` aborts. It listens from the moment of the call, so nothing that happens while the state
   * is read after the call is missed: call this first, read the state, then await.
   */
  waitFor(key: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /**
   * Runs `check` now and after every notification with `key`, until it gives something else than undefined, the time is
   * up or the signal aborts. Resolves to what the last check gave.
   */
  until<T>(key: string, check: () => Promise<T | undefined>, options: WaitOptions): Promise<T | undefined>;
  /** Ends every wait as if its time were up. */
  close(): void;
}

/** A {@link Waiter} on one channel of a database. Whoever changes the state calls `database.notify(channel, key)`. */
export async function createWaiter(database: Pick<Database, 'listen'>, channel: string): Promise<Waiter> {
  const waiting = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  const wake = (key: string) => {
    for (const resume of waiting.get(key) ?? []) resume();
  };
  const stopListening = await database.listen(channel, (payload) => {
    for (const key of payload === undefined ? [...waiting.keys()] : [payload]) wake(key);
  });

  function waitFor(key: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const resumes = waiting.get(key) ?? new Set();
    waiting.set(key, resumes);
    const settle = (woken: boolean) => {
      clearTimeout(timer);
      ends.removeEventListener('abort', giveUp);
      resumes.delete(resume);
      if (resumes.size === 0 && waiting.get(key) === resumes) waiting.delete(key);
      resolve(woken);
    };
    const resume = () => settle(true);
    const giveUp = () => settle(false);
    const timer = setTimeout(giveUp, timeoutMs);
    const ends = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
    resumes.add(resume);
    ends.addEventListener('abort', giveUp, { once: true });
    if (ends.aborted) giveUp();
    return promise;
  }

  async function until<T>(
    key: string,
    check: () => Promise<T | undefined>,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<T | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const attempt = new AbortController();
      const woken = waitFor(key, Math.max(0, deadline - performance.now()), anySignal(attempt.signal, signal));
      try {
        const result = await check();
        if (result !== undefined || !(await woken)) return result;
      } finally {
        attempt.abort();
      }
    }
  }

  return {
    waitFor,
    until,
    close() {
      stopListening();
      closing.abort();
    },
  };
}

function anySignal(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  return second ? AbortSignal.any([first, second]) : first;
}
