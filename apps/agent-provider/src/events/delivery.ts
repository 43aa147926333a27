import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import type { Queries } from '../db/queries.ts';
import { backoff } from '../delivery/backoff.ts';
import { createQueueWorker, type QueueWorker } from '../delivery/queue-worker.ts';
import { claimDueEvents, deleteEvents, nextDueTime, type OutboxEvent, postponeEvents } from './outbox.ts';

/** Sends one event; rejects when the receiver has not confirmed it, or the signal has aborted before it did. */
export type SendEvent = (event: OutboxEvent, signal: AbortSignal) => Promise<void>;

// Together they take less than the lease, even if each is confirmed at the last moment.
const batchSize = 10;
const leaseSeconds = 60;

/** Delivers the outbox at least once, oldest first, until nothing is left or the receiver cannot be reached. */
export function createEventDelivery(options: { db: Queries; now: Clock; send: SendEvent; log: Logger }): QueueWorker {
  const { db, now, send, log } = options;

  async function deliverDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const events = await claimDueEvents(db, { now: now(), lease: leaseSeconds, limit: batchSize });
      if (events.length === 0) return;
      if (!(await deliverBatch(events, signal))) return;
    }
  }

  async function deliverBatch(events: OutboxEvent[], signal: AbortSignal): Promise<boolean> {
    const sent: number[] = [];
    try {
      for (const event of events) {
        await send(event, signal);
        sent.push(event.id);
        log.info({ event: event.event, id: event.subject }, `told the Person Server: ${event.event} ${event.subject}`);
      }
      return true;
    } catch (error) {
      const seconds = backoff(Math.min(...events.map((event) => event.attempts)));
      const rest = events.map((event) => event.id).filter((id) => !sent.includes(id));
      await postponeEvents(db, rest, now() + seconds);
      if (signal.aborted) return false;
      log.warn(
        { err: error, waiting: rest.length, retry_in: seconds },
        `the Person Server has not taken an event; trying again in ${seconds} s`,
      );
      return false;
    } finally {
      await deleteEvents(db, sent);
    }
  }

  return createQueueWorker({ now, log, deliverDue, nextDueTime: () => nextDueTime(db) });
}
