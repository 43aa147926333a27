import type { Waiter } from '@aauth-stack/service/database';
import { type EventStream, eventStream } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Context, Hono } from 'hono';
import { activeStatuses } from '../db/schema.ts';
import { notFound } from '../problem.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import { isRunId } from './run-id.ts';
import type { RunStore } from './run-store.ts';
import type { RunsOf } from './runs-of.ts';
import type { Progress } from './shapes.ts';

export interface EventRoutesOptions {
  store: RunStore;
  /** Woken with the id of each run that changes. */
  runChanges: Waiter;
  /** Ends every stream. */
  closing: AbortSignal;
  log: Logger;
}

/** However long nothing changes, the state is read again: a notification may have been lost. */
const longestWaitMs = 60_000;

/** How runs go, as Server-Sent Events. Behind `signIn`. */
export function eventRoutes({ store, runChanges, closing, log }: EventRoutesOptions): Hono<SignedIn> {
  const app = new Hono<SignedIn>();
  const onError = (error: unknown) => log.error({ err: error }, 'an event stream broke off');

  app.get('/progress/:id/events', async (c) => {
    const id = c.req.param('id');
    const own = store.of(c.get('user').owner);
    const current = isRunId(id) ? await own.progress(id) : undefined;
    if (!current) return notFound(`There is no optimization ${id}.`);
    const last = lastEventId(c);
    // An EventSource comes again until it is told that there is nothing more.
    if (hasEnded(current) && last === current.revision) return c.body(null, 204);
    const ends = AbortSignal.any([closing, c.get('signInEnds')()]);
    return eventStream((stream) => tellProgress(id, { own, last, stream }), { closing: ends, onError });
  });

  async function tellProgress(id: string, watch: { own: RunsOf; last: number | undefined; stream: EventStream }) {
    const { own, stream } = watch;
    const { signal } = stream;
    let { last } = watch;
    while (!signal.aborted) {
      const changed = runChanges.waitFor(id, longestWaitMs, signal);
      const progress = await own.progress(id);
      if (!progress) return;
      if (progress.revision !== last) stream.send({ event: 'progress', id: `${progress.revision}`, data: progress });
      if (hasEnded(progress)) return;
      last = progress.revision;
      await changed;
    }
  }

  return app;
}

function hasEnded({ status }: Progress): boolean {
  return !activeStatuses.includes(status);
}

function lastEventId(c: Context): number | undefined {
  const text = c.req.header('last-event-id') ?? c.req.query('last_event_id') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
