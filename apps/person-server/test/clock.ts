import type { Clock, Sleep } from '@aauth-stack/aauth/clock';

/** A clock that a test moves, and a sleep that lasts until the test ends it. */
export interface TestClock {
  now: Clock;
  sleep: Sleep;
  advance(seconds: number): void;
  /** How long everybody who ever slept wanted to, in order. */
  readonly slept: readonly number[];
  /** Ends every sleep. */
  wake(): void;
}

export function createTestClock(): TestClock {
  let ahead = 0;
  const slept: number[] = [];
  const sleepers = new Set<() => void>();
  return {
    now: () => Date.now() / 1000 + ahead,
    sleep: async (seconds, signal) => {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      slept.push(seconds);
      sleepers.add(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      return promise.finally(() => sleepers.delete(resolve));
    },
    advance: (seconds) => {
      ahead += seconds;
    },
    slept,
    wake: () => {
      for (const wake of sleepers) wake();
    },
  };
}
