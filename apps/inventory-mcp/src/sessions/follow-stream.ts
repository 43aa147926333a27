import type { Waiter } from '@aauth-stack/service/database';
import type { Queries } from '../db/database.ts';
import { eventId, eventsAfter, type LoggedEvent, type StreamPosition, streamKey } from './event-log.ts';

export interface FollowOptions {
  readonly db: Queries;
  /** On `streamChannel`. */
  readonly waiter: Waiter;
  /** Aborted when this process stops: whoever follows goes on at another replica. */
  readonly stopping: AbortSignal;
}

const keepAliveMs = 15_000;
/** How soon a client comes back whose stream was ended here. */
const retryMs = 1_000;

/**
 * An event stream from a place on, whichever replica adds to it, until its last event. What has been sent is not forgotten, so
 * that the client can come back for what did not arrive.
 */
export function followStream(start: StreamPosition, { db, waiter, stopping }: FollowOptions): Response {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, stopping]);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const write = (text: string) => {
        if (!signal.aborted) controller.enqueue(encoder.encode(text));
      };
      write(`id: ${eventId(start)}\nretry: ${retryMs}\ndata: \n\n`);
      try {
        await follow(write);
      } catch (error) {
        if (!gone.signal.aborted) controller.error(error);
        return;
      }
      if (!gone.signal.aborted) controller.close();
    },
    cancel: () => gone.abort(),
  });

  async function follow(write: (text: string) => void): Promise<void> {
    let position = start;
    while (!signal.aborted) {
      const events = await waiter.until(streamKey(start), () => newEvents(position), {
        timeoutMs: keepAliveMs,
        signal,
      });
      if (!events) {
        write(': keep-alive\n\n');
        continue;
      }
      for (const event of events) {
        position = { ...position, after: event.position };
        if (event.message) write(format(position, event));
        if (event.isLast) return;
      }
    }
  }

  async function newEvents(position: StreamPosition): Promise<LoggedEvent[] | undefined> {
    const events = await eventsAfter(db, position);
    return events.length > 0 ? events : undefined;
  }

  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

function format(position: StreamPosition, { message }: LoggedEvent): string {
  return `event: message\nid: ${eventId(position)}\ndata: ${JSON.stringify(message)}\n\n`;
}
