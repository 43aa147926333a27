import type { Clock, Sleep } from '../../src/clock.ts';

/** A clock with the sleepers that wait for it. Nothing passes but what a test lets pass. */
export interface TestTime {
  readonly now: Clock;
  readonly sleep: Sleep;
  /** The seconds of the next `sleep` that has not been asked for here yet; waits until there is one. */
  nextSleep(): Promise<number>;
  /** Moves the clock and wakes, in order, who is due. */
  advance(seconds: number): void;
  /** How many are asleep. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly due: number;
  wake(): void;
}

export function createTestTime(start = 1_790_000_000): TestTime {
  let time = start;
  const sleepers = new Set<Sleeper>();
  const durations: number[] = [];
  const observers: ((seconds: number) => void)[] = [];
  return {
    now: () => time,
    get sleepers() {
      return sleepers.size;
    },
    sleep: (seconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { due: time + seconds, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          if (sleepers.delete(sleeper)) reject(signal.reason);
        });
        const observer = observers.shift();
        if (observer) observer(seconds);
        else durations.push(seconds);
      }),
    nextSleep: () => {
      const duration = durations.shift();
      return duration === undefined ? new Promise((resolve) => observers.push(resolve)) : Promise.resolve(duration);
    },
    advance(seconds) {
      time += seconds;
      for (const sleeper of [...sleepers].sort((a, b) => a.due - b.due)) {
        if (sleeper.due > time) break;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** A clock on which every wait is over at once. For code that ends by itself. */
export function createPassingTime(start = 1_790_000_000): { now: Clock; sleep: Sleep; readonly slept: number[] } {
  let time = start;
  const slept: number[] = [];
  return {
    now: () => time,
    slept,
    sleep: async (seconds, signal) => {
      signal?.throwIfAborted();
      slept.push(seconds);
      time += seconds;
    },
  };
}
