import type { Clock, Sleep } from '@aauth-stack/aauth/clock';

/** Time that passes only when a test says so. */
export interface TestClock {
  now: Clock;
  /** Resolves when the time has been moved far enough. */
  sleep: Sleep;
  advance(seconds: number): void;
}

export function createTestClock(): TestClock {
  let time = Math.floor(Date.now() / 1000);
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => time,
    sleep(seconds, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { until: time + seconds, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
      return promise;
    },
    advance(seconds) {
      time += seconds;
      for (const sleeper of sleepers) {
        if (sleeper.until > time) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
