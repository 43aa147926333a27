import type { A2AClient } from '@aauth-stack/a2a/client';
import { traceParent, withSpan } from '@aauth-stack/telemetry';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { RunStore } from './run-store.ts';
import type { Runner } from './runner.ts';
import { messageFor, startRequestSchema } from './start-request.ts';

export interface RunRoutesOptions {
  store: RunStore;
  runner: Runner;
  client: Pick<A2AClient, 'send'>;
  supplyChainAgentUrl: string;
}

const requestIdSchema = z.uuid();

/** The optimization API of the known demo. */
export function runRoutes({ store, runner, client, supplyChainAgentUrl }: RunRoutesOptions): Hono {
  const app = new Hono();

  app.post('/start', async (c) => {
    const body = await jsonBody(c);
    if (!body.ok) return c.json(validationFailure([{ type: 'json_invalid', loc: ['body'], msg: body.reason }]), 422);
    const parsed = startRequestSchema.safeParse(body.value);
    if (!parsed.success) return c.json(validationFailure(parsed.error.issues.map(toDetail)), 422);
    const requestId = crypto.randomUUID();
    const message = messageFor(parsed.data);
    return withSpan('optimization_api.start_optimization', {}, async () => {
      await store.create({ requestId, request: parsed.data, message, traceParent: traceParent() ?? null });
      runner.start({ requestId, message });
      return c.json({ request_id: requestId, status: 'started', message: 'Optimization started' });
    });
  });

  app.get('/progress/:id', async (c) => {
    const progress = await byId(c.req.param('id'), store.progress);
    return progress ? c.json(progress) : notFound(c, `There is no optimization ${c.req.param('id')}.`);
  });

  app.get('/results/:id', async (c) => {
    const results = await byId(c.req.param('id'), store.results);
    return results
      ? c.json(results)
      : notFound(c, `There are no results for ${c.req.param('id')}: it is unknown or has not completed.`);
  });

  app.get('/all', async (c) => c.json(await store.allProgress()));

  app.delete('/clear', async (c) => {
    const cleared = await store.clearEnded();
    return c.json({ message: `Cleared ${cleared} ended optimizations; those under way go on.` });
  });

  app.get('/test-a2a-connection', async (c) => {
    const url = supplyChainAgentUrl;
    try {
      const reply = await client.send('test connection', { signal: AbortSignal.timeout(30_000) });
      const message = reply.text ? 'The supply-chain agent answered.' : 'The supply-chain agent answered with nothing.';
      return c.json({ status: reply.text ? 'connected' : 'warning', url, message, auth_method: 'aauth' });
    } catch (error) {
      return c.json({ status: 'error', url, error: error instanceof Error ? error.message : String(error) });
    }
  });

  return app;
}

async function byId<Found>(id: string, find: (id: string) => Promise<Found | undefined>): Promise<Found | undefined> {
  return requestIdSchema.safeParse(id).success ? find(id) : undefined;
}

async function jsonBody(c: Context): Promise<{ ok: true; value: unknown } | { ok: false; reason: string }> {
  try {
    return { ok: true, value: await c.req.json() };
  } catch (error) {
    return { ok: false, reason: `The body is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function toDetail(issue: z.core.$ZodIssue): { type: string; loc: PropertyKey[]; msg: string } {
  return { type: issue.code, loc: ['body', ...issue.path], msg: issue.message };
}

function validationFailure(detail: Array<{ type: string; loc: PropertyKey[]; msg: string }>) {
  return { error: 'invalid_request', detail };
}

function notFound(c: Context, detail: string) {
  return c.json({ type: 'about:blank', status: 404, error: 'not_found', detail }, 404, {
    'content-type': 'application/problem+json',
  });
}
