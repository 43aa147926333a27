import { traceParent, withSpan } from '@aauth-stack/telemetry';
import { Hono } from 'hono';
import { conflict, notFound } from '../problem.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import type { User } from '../sign-in/user.ts';
import { readBody } from './json-body.ts';
import { isRunId } from './run-id.ts';
import type { RunStore } from './run-store.ts';
import type { Runner } from './runner.ts';
import { messageFor, type StartRequest, startRequestSchema } from './start-request.ts';

export interface RunRoutesOptions {
  store: RunStore;
  runner: Runner;
}

/** Starting, following and giving up runs: the optimization API of the known demo, and more. Behind `signIn`. */
export function runRoutes({ store, runner }: RunRoutesOptions): Hono<SignedIn> {
  const app = new Hono<SignedIn>();

  function start({ owner }: User, what: { request: StartRequest; message: string; retryOf?: string }) {
    const requestId = crypto.randomUUID();
    return withSpan('optimization_api.start_optimization', {}, async () => {
      await store.create({ requestId, owner, ...what, traceParent: traceParent() ?? null });
      runner.start({ requestId, owner, message: what.message });
      return { request_id: requestId, status: 'started', message: 'Optimization started' };
    });
  }

  app.post('/start', async (c) => {
    const body = await readBody(c, startRequestSchema);
    if ('refusal' in body) return body.refusal;
    return c.json(await start(c.get('user'), { request: body.value, message: messageFor(body.value) }));
  });

  app.post('/retry/:id', async (c) => {
    const id = c.req.param('id');
    const own = store.of(c.get('user').owner);
    const run = isRunId(id) ? await own.request(id) : undefined;
    if (!run) return noRun(id);
    const { status, request, message } = run;
    if (status !== 'failed')
      throw conflict('not_failed', `Only a run that failed can be repeated; ${id} is ${status}.`);
    return c.json(await start(c.get('user'), { request, message, retryOf: id }));
  });

  app.post('/cancel/:id', async (c) => {
    const id = c.req.param('id');
    const own = store.of(c.get('user').owner);
    if (!isRunId(id) || !(await own.has(id))) return noRun(id);
    if (!(await runner.cancel(id))) throw conflict('already_ended', `The run ${id} has ended already.`);
    return c.json(await own.progress(id));
  });

  app.get('/progress/:id', async (c) => {
    const id = c.req.param('id');
    const progress = isRunId(id) && (await store.of(c.get('user').owner).progress(id));
    return progress ? c.json(progress) : noRun(id);
  });

  app.get('/results/:id', async (c) => {
    const id = c.req.param('id');
    const results = isRunId(id) && (await store.of(c.get('user').owner).results(id));
    return results ? c.json(results) : notFound(`There are no results for ${id}: it is unknown or has not completed.`);
  });

  return app;
}

function noRun(id: string): Response {
  return notFound(`There is no optimization ${id}.`);
}
