import type { Clock, Sleep } from '@aauth-stack/aauth/clock';

/** A clock that a test moves, and a sleep that lasts until the test ends it. */
export interface TestClock {
  now: Clock;
  sleep: Sleep;
  advance(seconds: number): void;
  /** How long whoever sleeps now wants to sleep. */
  sleeping(): number[];
  /** Ends every sleep. */
  wake(): void;
}

export function createTestClock(): TestClock {
  let ahead = 0;
  const sleepers = new Set<{ seconds: number; wake: () => void }>();
  return {
    now: () => Date.now() / 1000 + ahead,
    sleep: (seconds, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { seconds, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      return promise.finally(() => sleepers.delete(sleeper));
    },
    advance: (seconds) => {
      ahead += seconds;
    },
    sleeping: () => [...sleepers].map(({ seconds }) => seconds),
    wake: () => {
      for (const { wake } of sleepers) wake();
    },
  };
}
