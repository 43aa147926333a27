import { Hono } from 'hono';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { createResource } from '../resource/resource.ts';
import type { AuthorizedPrincipal, Principal } from '../resource/types.ts';
import { jwtSignatureKey, messageFromRequest, signMessage } from '../signatures/index.ts';
import { type AAuthEnv, type AAuthMiddlewareOptions, aauth } from './aauth.ts';

const identifiers = { allowLoopback: false };

async function setUp(options?: AAuthMiddlewareOptions) {
  const { discovery, clock, agentKey, token } = await createTestParties();
  const identifier = parseServerIdentifier('https://inventory.example', identifiers);
  const resource = createResource({ discovery, identifiers, identifier, keys: nodeKeys, now: clock.now });
  const reached: string[] = [];
  const app = new Hono<AAuthEnv>().post('/orders', aauth(resource, options), async (c) => {
    expectTypeOf(c.get('aauth').principal).toEqualTypeOf<Principal>();
    reached.push(c.get('aauth').principal.jkt);
    return c.json({ level: c.get('aauth').principal.level, order: await c.req.json() });
  });
  async function request() {
    const body = new TextEncoder().encode('{"item":1}');
    const unsigned = new Request('https://inventory.example/orders', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const signatureKey = jwtSignatureKey(await token());
    const message = messageFromRequest(unsigned);
    const signature = await signMessage(message, { key: agentKey, signatureKey, body, created: clock.now() });
    for (const [name, value] of Object.entries(signature)) unsigned.headers.set(name, value);
    return unsigned;
  }
  return { app, request, reached };
}

describe('the aauth middleware', () => {
  it('lets a verified request through, with its principal and its body', async () => {
    const { app, request } = await setUp();
    const response = await app.request(await request());
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ level: 'identified', order: { item: 1 } });
  });

  it('answers the others with their refusal, and the route is not reached', async () => {
    const { app, request, reached } = await setUp();
    const accepted = await request();
    expect((await app.request(accepted)).status).toBe(200);
    const unsigned = new Request(await request());
    unsigned.headers.delete('signature');
    const response = await app.request(unsigned);
    expect(response.status).toBe(401);
    expect(response.headers.get('signature-error')).toBe('error=invalid_signature');
    expect(response.headers.get('aauth-requirement')).toBe('requirement=agent-token');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(reached).toHaveLength(1);
  });

  it('refuses whom the policy does not let in with 403 and no signature headers', async () => {
    let allowed = true;
    const { app, request, reached } = await setUp({ authorize: ({ level }) => level === 'identified' && allowed });
    expect((await app.request(await request())).status).toBe(200);
    for (const verdict of ['false', '1', '{"error":"truthy"}']) {
      allowed = JSON.parse(verdict);
      const response = await app.request(await request());
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: 'denied' });
      expect([...response.headers.keys()].filter((name) => /signature|aauth/.test(name))).toEqual([]);
    }
    expect(reached).toHaveLength(1);
  });

  it('gives the handler the principal that the resource requires, and sends its challenges', async () => {
    const { resource, authToken, personToken, sign } = await startChallengingServer();
    const app = new Hono().get('/stock', aauth(resource), (c) => {
      expectTypeOf(c.get('aauth').principal).toEqualTypeOf<AuthorizedPrincipal>();
      return c.json({ scope: c.get('aauth').principal.scope });
    });
    const send = async (token: string) => {
      const headers = await sign({ target: '/stock' }, { signatureKey: jwtSignatureKey(token) });
      return app.request('http://inventory.localhost:3000/stock', { headers });
    };
    const allowed = await send(await authToken());
    expect([allowed.status, await allowed.json()]).toEqual([200, { scope: ['stock:read'] }]);
    const challenged = await send(await personToken());
    expect(challenged.status).toBe(401);
    expect(challenged.headers.get('aauth-requirement')).toMatch(/^requirement=auth-token;resource-token="ey/);
    const mixed = new Hono<AAuthEnv>().get('/stock', aauth(resource), (c) => c.text(c.get('aauth').principal.subject));
    const headers = await sign({ target: '/stock' });
    expect(await (await mixed.request('http://inventory.localhost:3000/stock', { headers })).text()).toBe('p-1');
  });
});
