import { setTimeout as delay } from 'node:timers/promises';
import type { Waiter } from '@aauth-stack/service/database';
import { type EventStream, eventStream } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { notFound } from '../problem.ts';
import { isRunId } from '../runs/run-id.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import { buildFlow } from './build-flow.ts';
import type { Flow } from './flow.ts';
import { createFlowChanges } from './flow-changes.ts';
import type { FlowStore, StoredRun } from './flow-store.ts';
import { jaegerTrace } from './jaeger.ts';

export interface FlowRoutesOptions {
  flows: Pick<FlowStore, 'findRun' | 'recentRuns' | 'spansOf'>;
  /** Woken with the id of each run that spans have arrived of. */
  spanChanges: Waiter;
  /** Woken with the id of each run that changes. */
  runChanges: Waiter;
  /** Where people look at traces. */
  jaegerUi: string | undefined;
  /** Ends every stream. */
  closing: AbortSignal;
  log: Logger;
  now: () => Date;
}

const limitSchema = z.coerce.number().int().min(1).max(100).catch(20);

/** Shortest time between two looks at one run, in milliseconds: spans come in crowds. */
const calmMs = 150;
/** And the longest, since some things show only after a while, as that nobody answers. */
const longestMs = 2_000;

/** What happened on the wire during runs: as JSON, live, and to keep. Behind `signIn`. */
export function flowRoutes(options: FlowRoutesOptions): Hono<SignedIn> {
  const { flows, spanChanges, runChanges, jaegerUi, closing, log, now } = options;
  const app = new Hono<SignedIn>();

  async function flowOf(run: StoredRun): Promise<Flow> {
    const spans = await flows.spansOf(run.requestId);
    const jaegerUrl = jaegerTrace(jaegerUi, run.requestId, spans);
    return buildFlow(spans, { run: { ...run, jaegerUrl }, now: now().getTime() });
  }

  async function findRun(c: Context<SignedIn>, id: string): Promise<StoredRun | undefined> {
    return isRunId(id) ? flows.findRun(id, c.get('user').owner) : undefined;
  }

  app.get('/', async (c) => {
    const runs = await flows.recentRuns(c.get('user').owner, limitSchema.parse(c.req.query('limit')));
    const recent: Flow[] = [];
    for (const run of runs) recent.push(await flowOf(run));
    return c.json({ flows: recent.map(summaryOf) });
  });

  app.get('/:id', async (c) => {
    const id = c.req.param('id');
    const run = await findRun(c, id);
    if (!run) return notFound(`There is no run ${id.slice(0, 64)}.`);
    const isKept = c.req.query('download') !== undefined;
    return c.json(await flowOf(run), 200, {
      'cache-control': 'no-store',
      ...(isKept && { 'content-disposition': `attachment; filename="aauth-run-${id}.json"` }),
    });
  });

  app.get('/:id/events', async (c) => {
    const id = c.req.param('id');
    if (!(await findRun(c, id))) return notFound(`There is no run ${id.slice(0, 64)}.`);
    const onError = (error: unknown) => log.error({ err: error, request_id: id }, 'a flow can no longer be watched');
    const ends = AbortSignal.any([closing, c.get('signInEnds')()]);
    return eventStream((stream) => tellFlow(stream, () => findRun(c, id), id), { closing: ends, onError });
  });

  async function tellFlow({ send, signal }: EventStream, find: () => Promise<StoredRun | undefined>, id: string) {
    const changes = createFlowChanges();
    while (!signal.aborted) {
      const turn = new AbortController();
      const ends = AbortSignal.any([signal, turn.signal]);
      const changed = Promise.race([spanChanges, runChanges].map((waiter) => waiter.waitFor(id, longestMs, ends)));
      const run = await find();
      if (!run) return turn.abort();
      const change = changes.next(await flowOf(run));
      if (change) send({ event: 'flow', data: change });
      await changed;
      turn.abort();
      await delay(calmMs, undefined, { ref: false });
    }
  }

  return app;
}

function summaryOf({ exchanges, request_id, status, prompt, started_at, ended_at, kind }: Flow) {
  const refused = exchanges.filter(({ meaning }) => meaning === 'refusal').length;
  return { request_id, status, prompt, started_at, ended_at, kind, exchanges: exchanges.length, refused };
}
