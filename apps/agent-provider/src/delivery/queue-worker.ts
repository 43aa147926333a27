import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';

export interface QueueWorker {
  /** Sends what is due, after what is being sent. */
  deliverDue(): Promise<void>;
  /** Does so in the background, and again whenever something becomes due. */
  wake(): void;
  /** Breaks off what is being sent. */
  close(): Promise<void>;
}

export interface QueueWorkerOptions {
  now: Clock;
  log: Logger;
  /** Sends everything that is due; breaks off when the signal is aborted. */
  deliverDue: (signal: AbortSignal) => Promise<void>;
  /** When the next entry is due, in seconds since the epoch; undefined when none is left. */
  nextDueTime: () => Promise<number | undefined>;
}

// A timer may fire a little before the clock agrees that it is time.
const shortestPauseMs = 50;

/** Works off a queue that is kept in the database: one run at a time in this process, and no wake-up is lost. */
export function createQueueWorker({ now, log, deliverDue, nextDueTime }: QueueWorkerOptions): QueueWorker {
  const closing = new AbortController();
  let underWay: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let latest: Promise<void> = Promise.resolve();

  function deliverNext(): Promise<void> {
    const run = latest.then(() => deliverDue(closing.signal));
    latest = run.catch(() => undefined);
    return run;
  }

  async function deliverAndSchedule(): Promise<void> {
    await deliverNext();
    const due = await nextDueTime();
    clearTimeout(timer);
    if (due === undefined || closing.signal.aborted) return;
    timer = setTimeout(wake, Math.max(shortestPauseMs, (due - now()) * 1000)).unref();
  }

  function wake(): void {
    if (closing.signal.aborted) return;
    if (underWay) {
      again = true;
      return;
    }
    underWay = deliverAndSchedule()
      .catch((error: unknown) => log.error({ err: error }, 'what is to be sent cannot be read'))
      .finally(() => {
        underWay = undefined;
        if (again) {
          again = false;
          wake();
        }
      });
  }

  return {
    deliverDue: deliverNext,
    wake,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await Promise.all([underWay, latest]);
    },
  };
}
