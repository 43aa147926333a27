import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { streamSSE } from 'hono/streaming';
import { hasEnded, type Progress } from '../../../src/api/runs.ts';
import type { Flow } from '../../../src/flow/model/flow.ts';
import { createState, run, type State } from './state.ts';

/** A backend in memory, which answers as the real one does. */
export interface TestBackend {
  origin: string;
  state: State;
  /** Changes a run, and tells the pages that show it. */
  change: (requestId: string, by: Partial<Progress>) => void;
  /** Lets event streams end, and refuses new ones, until called with false. */
  withoutStreams: (without: boolean) => void;
  /** Takes no connections, and ends those it has. */
  goAway: () => Promise<void>;
  comeBack: () => Promise<void>;
  stop: () => Promise<void>;
}

export async function startBackend(): Promise<TestBackend> {
  const state = createState();
  const listeners = new Set<(progress: Progress) => void>();
  let streamsRefused = false;

  const begin = (prompt: string | null) => {
    const started = run({ prompt, progress_percentage: 0, current_step: 'Starting' });
    state.runs.unshift(started);
    for (const listener of listeners) listener(started);
    return started.request_id;
  };
  const change = (requestId: string, by: Partial<Progress>) => {
    const found = state.runs.find(({ request_id: id }) => id === requestId);
    if (!found) throw new Error('There is no such run to change.');
    Object.assign(found, by);
    for (const listener of listeners) listener(found);
  };

  const app = new Hono();
  app.use(cors({ origin: (origin) => (origin.startsWith('http://localhost:') ? origin : null) }));
  const notFound = (c: Context) =>
    c.json({ status: 404, error: 'not_found', detail: 'There is no such optimization.' }, 404);
  const runOf = (c: Context) => state.runs.find(({ request_id: id }) => id === c.req.param('id'));

  app.use(async (c, next) => {
    const [, token] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
    if (token) state.tokens.push(token);
    if (!state.onlySignedIn) return next();
    if (!token) return c.json({ error: 'sign_in_required', detail: 'Sign in first.' }, 401);
    if (state.refusesTokens) return c.json({ error: 'invalid_token', detail: 'The token has expired.' }, 401);
    return next();
  });
  app.get('/agents/self', (c) =>
    c.json({
      agent_name: 'Backend App',
      state: state.notApproved ? 'pending' : 'enrolled',
      detail: state.notApproved ? 'waiting for the person to approve it' : 'enrolled',
      approve_url: state.notApproved ? 'http://person-server.localhost:8765/ui/agents' : null,
    }),
  );
  app.get('/agents/activities', (c) => c.json(state.activities));
  app.delete('/agents/activities', (c) => {
    state.activities = [];
    return c.json({ message: 'Activities cleared' });
  });
  app.post('/optimization/start', async (c) => {
    const body: { custom_prompt: string } = await c.req.json();
    state.started.push(body);
    return c.json({ request_id: begin(body.custom_prompt), status: 'started', message: 'Optimization started' });
  });
  app.post('/optimization/retry/:id', (c) => {
    const before = runOf(c);
    if (before?.status !== 'failed') return c.json({ error: 'not_failed', detail: 'That run has not failed.' }, 409);
    return c.json({ request_id: begin(before.prompt), status: 'started', message: 'Optimization started' });
  });
  app.post('/optimization/cancel/:id', (c) => {
    const found = runOf(c);
    if (!found || hasEnded(found)) return c.json({ error: 'already_ended', detail: 'That run has ended.' }, 409);
    change(found.request_id, { status: 'failed', error_code: 'cancelled', error: 'The run was stopped.' });
    return c.json(found);
  });
  app.get('/optimization/runs', (c) => {
    const from = Number(c.req.query('before') ?? 0);
    const limit = Number(c.req.query('limit') ?? 20);
    const runs = state.runs.slice(from, from + limit);
    return c.json({
      runs: runs.map((one) => ({ ...one, summary: state.results.get(one.request_id)?.summary ?? null })),
      next: from + limit < state.runs.length ? (from + limit).toString() : null,
    });
  });
  app.delete('/optimization/clear', (c) => {
    state.runs = state.runs.filter((one) => !hasEnded(one));
    return c.json({ message: 'Cleared.' });
  });
  app.get('/optimization/progress/:id', (c) => {
    const found = runOf(c);
    return found ? c.json(found) : notFound(c);
  });
  app.get('/optimization/progress/:id/events', (c) => {
    const found = runOf(c);
    if (!found) return notFound(c);
    if (streamsRefused) return c.text('no streams here', 502);
    return streamSSE(c, async (stream) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const tell = (progress: Progress) => {
        if (progress.request_id !== found.request_id) return;
        void stream.writeSSE({ event: 'progress', data: JSON.stringify(progress) });
        if (hasEnded(progress)) end();
      };
      listeners.add(tell);
      stream.onAbort(end);
      tell(runOf(c) ?? found);
      await ended;
      listeners.delete(tell);
    });
  });
  const flowOf = ({ request_id: id, prompt, status, error, created_at: startedAt }: Progress): Flow =>
    state.flows.get(id) ?? {
      version: 1,
      request_id: id,
      prompt,
      status,
      error,
      started_at: startedAt,
      ended_at: null,
      kind: 'none',
      jaeger_url: null,
      parties: [],
      keys: {},
      failed_at: null,
      exchanges: [],
    };
  app.get('/flows', (c) =>
    c.json({
      flows: [...state.flows.values()].map((flow) => ({ ...flow, exchanges: flow.exchanges.length, refused: 0 })),
    }),
  );
  app.get('/flows/:id', (c) => {
    const found = runOf(c);
    return found ? c.json(flowOf(found)) : notFound(c);
  });
  app.get('/flows/:id/events', (c) => {
    const found = runOf(c);
    if (!found) return notFound(c);
    return streamSSE(c, async (stream) => {
      const { exchanges, ...head } = flowOf(found);
      const tell = (order: string[]) =>
        stream.writeSSE({ event: 'flow', data: JSON.stringify({ head, exchanges, order }) });
      // First what there was for a while, then all.
      await tell(exchanges.slice(0, Math.ceil(exchanges.length / 2)).map(({ id }) => id));
      await tell(exchanges.map(({ id }) => id));
      await new Promise<void>((resolve) => stream.onAbort(resolve));
    });
  });
  app.get('/optimization/results/:id', (c) => {
    const found = state.results.get(c.req.param('id'));
    return found ? c.json(found) : notFound(c);
  });

  const server = createAdaptorServer({ fetch: app.fetch });
  const cut = () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
  };
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  const { port } = address;

  return {
    origin: `http://localhost:${port}`,
    state,
    change,
    withoutStreams: (without) => {
      streamsRefused = without;
      if (without) cut();
    },
    goAway: close,
    comeBack: () => listen(port),
    stop: close,
  };
}
