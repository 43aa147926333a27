import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../src/clock.ts';
import { DeferredError, RequestError } from '../../src/errors.ts';
import { problemHandler } from '../../src/hono/problem-handler.ts';
import { deferredChallenge, isSameCaller } from '../../src/resource/deferred-challenge.ts';
import type { Resource } from '../../src/resource/resource.ts';
import type { AuthorizedPrincipal, Challenge, PersonPrincipal } from '../../src/resource/types.ts';
import { startServer } from './server.ts';

interface HeldCall {
  readonly caller: PersonPrincipal | AuthorizedPrincipal;
  readonly order: unknown;
  /** By the `jti` of the auth token that it was run for. */
  readonly results: Map<string, { readonly body: Promise<string>; readonly until: number }>;
}

/**
 * A resource that does not send callers away for an auth token but keeps their call: `POST /orders` answers 202, and
 * `GET /pending/{id}` runs what is kept, once. In memory, as an example.
 */
export async function startHoldingServer(resource: Resource<AuthorizedPrincipal>, now: Clock) {
  const held = new Map<string, HeldCall>();
  const ran: unknown[] = [];

  async function run(order: unknown, { subject }: AuthorizedPrincipal): Promise<string> {
    ran.push(order);
    return JSON.stringify({ orderedFor: subject, order });
  }

  function challenge({ resourceToken }: Challenge, id: string): Response {
    if (!resourceToken) throw new TypeError('Only the demand for an auth token can be deferred.');
    const { headers, body, status } = deferredChallenge({
      location: `/pending/${id}`,
      resourceToken: resourceToken.token,
    });
    return new Response(body, { status, headers });
  }

  const app = new Hono().onError(problemHandler());
  app.post('/orders', async (c) => {
    const verdict = await resource.verifyRequest(c.req.raw);
    if (verdict.ok) return c.json(await run(await c.req.json(), verdict.principal));
    const caller = verdict.challenge?.principal;
    if (!verdict.challenge?.resourceToken || !caller || !('subject' in caller)) return refused(verdict);
    const id = crypto.randomUUID();
    held.set(id, { caller, order: await c.req.json(), results: new Map() });
    return challenge(verdict.challenge, id);
  });
  app.get('/pending/:id', async (c: Context) => {
    const verdict = await resource.verifyRequest(c.req.raw);
    const caller = verdict.ok ? verdict.principal : verdict.challenge?.principal;
    if (!caller) return refused(verdict);
    const id = c.req.param('id') ?? '';
    const call = held.get(id);
    if (!call || !('subject' in caller) || !isSameCaller(caller, call.caller)) {
      throw new RequestError('not_found', 'Nothing is kept here for you.', { status: 404 });
    }
    if (!verdict.ok) return verdict.challenge ? challenge(verdict.challenge, id) : refused(verdict);
    const { token } = verdict.principal;
    for (const [jti, { until }] of call.results) if (until <= now()) call.results.delete(jti);
    if (call.results.size > 0 && !call.results.has(token.jti)) {
      throw new DeferredError('gone', 'This call was completed with another auth token.');
    }
    const result = call.results.get(token.jti) ?? { body: run(call.order, verdict.principal), until: token.expiresAt };
    call.results.set(token.jti, result);
    return new Response(await result.body, { headers: { 'content-type': 'application/json' } });
  });
  const adaptor = createAdaptorServer({ fetch: app.fetch });
  const { port } = await startServer((req, res) => adaptor.emit('request', req, res));
  return { port, ran };
}

function refused(verdict: { readonly ok: boolean; readonly response?: { body: string } & ResponseInit }): Response {
  return new Response(verdict.response?.body, verdict.response);
}
