import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until it is moved. */
export interface TestClock {
  readonly now: Clock;
  advance(seconds: number): void;
}

export function createTestClock(start = 1_790_000_000): TestClock {
  let time = start;
  return {
    now: () => time,
    advance(seconds) {
      time += seconds;
    },
  };
}
