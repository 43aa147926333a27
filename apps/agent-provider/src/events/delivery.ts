import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import type { Queries } from '../db/queries.ts';
import { claimDueEvents, deleteEvents, nextDueTime, type OutboxEvent, postponeEvents } from './outbox.ts';

/** Sends one event; rejects when the receiver has not confirmed it, or the signal has aborted before it did. */
export type SendEvent = (event: OutboxEvent, signal: AbortSignal) => Promise<void>;

export interface EventDelivery {
  /** Sends what is due, in order, until nothing is left or the receiver cannot be reached. */
  deliverDue(): Promise<void>;
  /** Sends what is due in the background. */
  wake(): void;
  close(): Promise<void>;
}

const batchSize = 20;
const leaseSeconds = 60;
const maxBackoffSeconds = 60;
// A timer may fire a little before the clock agrees that it is time.
const shortestPauseMs = 50;

/** Seconds to wait after this many attempts: 1, 2, 4 … 60. */
export function backoff(attempts: number): number {
  return Math.min(maxBackoffSeconds, 2 ** Math.min(attempts - 1, 10));
}

/** Delivers the outbox at least once, oldest first, one sender at a time in this process. */
export function createEventDelivery(options: { db: Queries; now: Clock; send: SendEvent; log: Logger }): EventDelivery {
  const { db, now, send, log } = options;
  let underWay: Promise<void> | undefined;
  let again = false;
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function deliverDue(): Promise<void> {
    while (!closing.signal.aborted) {
      const events = await claimDueEvents(db, { now: now(), lease: leaseSeconds, limit: batchSize });
      if (events.length === 0) return;
      if (!(await deliverBatch(events))) return;
    }
  }

  async function deliverBatch(events: OutboxEvent[]): Promise<boolean> {
    const sent: number[] = [];
    try {
      for (const event of events) {
        await send(event, closing.signal);
        sent.push(event.id);
        log.info({ event: event.event, id: event.subject }, `told the Person Server: ${event.event} ${event.subject}`);
      }
      return true;
    } catch (error) {
      const seconds = backoff(Math.min(...events.map((event) => event.attempts)));
      const rest = events.map((event) => event.id).filter((id) => !sent.includes(id));
      await postponeEvents(db, rest, now() + seconds);
      if (closing.signal.aborted) return false;
      log.warn(
        { err: error, waiting: rest.length, retry_in: seconds },
        `the Person Server has not taken an event; trying again in ${seconds} s`,
      );
      return false;
    } finally {
      await deleteEvents(db, sent);
    }
  }

  async function deliverAndSchedule(): Promise<void> {
    await deliverDue();
    const due = await nextDueTime(db);
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
      .catch((error: unknown) => log.error({ err: error }, 'cannot read the outbox'))
      .finally(() => {
        underWay = undefined;
        if (again) {
          again = false;
          wake();
        }
      });
  }

  return {
    deliverDue,
    wake,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}
