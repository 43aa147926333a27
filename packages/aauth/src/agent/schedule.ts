import type { Clock, Sleep } from '../clock.ts';

/** One point in time to wait for, which may be moved while somebody waits. */
export interface Schedule {
  /** Seconds since the epoch. */
  readonly due: number;
  set(due: number): void;
  /** Resolves once `due` has come; rejects with the signal's reason. */
  wait(): Promise<void>;
}

/** Due at once until it is set. */
export function createSchedule(options: { now: Clock; sleep: Sleep; signal: AbortSignal }): Schedule {
  const { now, sleep, signal } = options;
  let due = 0;
  let moved = new AbortController();
  return {
    get due() {
      return due;
    },
    set(time) {
      due = time;
      moved.abort();
    },
    async wait() {
      while (now() < due) {
        const startedAt = now();
        moved = new AbortController();
        const { signal: interrupted } = moved;
        try {
          await sleep(due - startedAt, AbortSignal.any([signal, interrupted]));
          // The time has passed, whatever a clock says that was set back meanwhile.
          if (now() < startedAt) break;
        } catch (error) {
          if (signal.aborted || !interrupted.aborted) throw error;
        }
      }
      signal.throwIfAborted();
    },
  };
}
