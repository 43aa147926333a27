import { describe, expect, it } from 'vitest';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import { startHoldingServer } from '../../test/support/held-calls.ts';
import { createKey } from '../../test/support/keys.ts';
import { createRequests, type SigningChanges, type TestRequest } from '../../test/support/requests.ts';
import { parseRequirement } from '../requirement.ts';
import { jwtSignatureKey } from '../signatures/index.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import { deferredChallenge } from './deferred-challenge.ts';

const order = { method: 'POST', target: '/orders', body: '{"item":1}' };

async function setUp() {
  const parties = await startChallengingServer();
  const { port, ran } = await startHoldingServer(parties.resource, parties.clock.now);
  const { sign, send } = createRequests({
    origin: parties.identifier,
    target: '/orders',
    port: () => port,
    now: parties.clock.now,
    key: parties.agentKey,
    token: parties.authToken,
  });
  async function present(token: string | Promise<string>, request: TestRequest, changes: SigningChanges = {}) {
    parties.clock.advance(1);
    return send(request, await sign(request, { signatureKey: jwtSignatureKey(await token), ...changes }));
  }
  return { ...parties, ran, present };
}

describe('a deferred challenge', () => {
  it('is a 202 with the resource token, and never 401', () => {
    const { status, headers, body } = deferredChallenge({
      location: '/pending/1',
      resourceToken: 'a.b.c',
      retryAfter: 7,
    });
    expect({ status, headers, body: JSON.parse(body) }).toEqual({
      status: 202,
      headers: {
        location: '/pending/1',
        'retry-after': '7',
        'cache-control': 'no-store',
        'content-type': 'application/json',
        'aauth-requirement': 'requirement=auth-token;resource-token="a.b.c"',
      },
      body: { status: 'pending' },
    });
    expect(() => deferredChallenge({ location: '/x', resourceToken: 'a', retryAfter: 0.5 })).toThrow(TypeError);
  });

  it('lets a resource keep the call, run it once when the auth token comes, and repeat the result', async () => {
    const { present, personToken, authToken, ran, clock } = await setUp();
    const held = await present(personToken({ claims: { jti: 'person-1' } }), order);
    expect(held.status).toBe(202);
    const requirement = parseRequirement(`${held.headers['aauth-requirement']}`);
    expect(requirement?.requirement).toBe('auth-token');
    const { claims } = decodeTokenForDisplay(requirement?.parameters['resource-token'] ?? '') ?? {};
    expect(claims).toMatchObject({ presented_jti: 'person-1', scope: 'stock:read' });
    const poll = { target: `${held.headers.location}` };

    clock.advance(301);
    const waiting = await present(personToken(), poll);
    expect(waiting.status).toBe(202);
    const fresh = parseRequirement(`${waiting.headers['aauth-requirement']}`)?.parameters['resource-token'] ?? '';
    expect(decodeTokenForDisplay(fresh)?.claims?.exp).toBe(clock.now() + 300);
    expect(ran).toEqual([]);

    const token = await authToken({ claims: { jti: 'auth-1' } });
    const [one, two] = await Promise.all([present(token, poll), present(token, poll)]);
    for (const done of [one, two, await present(token, poll)]) {
      expect(done).toMatchObject({ status: 200, body: '{"orderedFor":"p-1","order":{"item":1}}' });
    }
    expect((await present(authToken(), poll)).status).toBe(410);
    expect(ran).toEqual([{ item: 1 }]);
  });

  it('is for the agent that was challenged and for nobody else', async () => {
    const { present, personToken, authToken, ran } = await setUp();
    const held = await present(personToken(), order);
    const poll = { target: `${held.headers.location}` };
    const otherKey = await createKey();
    const cnf = { jwk: otherKey.publicJwk };
    expect((await present(authToken({ claims: { cnf } }), poll, { key: otherKey })).status).toBe(404);
    expect((await present(authToken({ claims: { sub: 'p-2' } }), poll)).status).toBe(404);
    expect((await present(personToken({ claims: { sub: 'p-2' } }), poll)).status).toBe(404);
    expect((await present(authToken(), { target: '/pending/unknown' })).status).toBe(404);
    expect((await present(authToken({ claims: { aud: 'http://other.localhost' } }), poll)).status).toBe(401);
    expect(ran).toEqual([]);
    expect((await present(authToken(), poll)).status).toBe(200);
  });
});
