import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy({ mode: 'user-consent' });
});

afterAll(() => proxy.close());

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
  proxy.backend.answer();
});

const scope = ['supply-chain:check', 'supply-chain:read', 'require:user'];
/** Answers in the place of the service behind, and tells what it got. */
function answerWith(answer: (response: ServerResponse) => void): IncomingMessage[] {
  const received: IncomingMessage[] = [];
  proxy.backend.answer((request, response) => {
    received.push(request);
    request.resume();
    answer(response);
  });
  return received;
}

const poll = { body: '', headers: { prefer: 'wait=30' } };

test('the supply-chain agent asks for what only the person grants, and says what that means', async () => {
  const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
  const answer = await send(proxy.port, await proxy.signed({ token: person.token }));
  const { parameters } = parseRequirement(String(answer.headers['aauth-requirement'])) ?? {};
  expect(decodeTokenForDisplay(parameters?.['resource-token'] ?? '')?.claims.scope).toBe(scope.join(' '));
  const headers = { host: proxy.authority };
  const metadata = await send(proxy.port, {
    method: 'GET',
    target: '/.well-known/aauth-resource.json',
    headers,
    body: '',
  });
  expect(JSON.parse(metadata.text).scope_descriptions).toHaveProperty('require:user');
});

describe('a call that the agent behind holds', () => {
  const grant = () => proxy.personServer.grant(proxy.agent, proxy.supplyChain, { scope });

  test('comes through with everything that its caller needs, and so do polls', async () => {
    const pending = {
      location: '/pending/1',
      'retry-after': '2',
      'cache-control': 'no-store',
      'aauth-requirement': `requirement=interaction;url="${proxy.supplyChain}/interaction/1";code="A1B2-C3D4"`,
    };
    const received = answerWith((response) =>
      response.writeHead(202, { ...pending, 'content-type': 'application/json' }).end('{"status":"pending"}'),
    );
    const { token } = await grant();
    const capabilities = { 'aauth-capabilities': 'interaction, clarification' };
    const held = await send(proxy.port, await proxy.signed({ token, headers: capabilities }));
    expect(held).toMatchObject({ status: 202, headers: pending, text: '{"status":"pending"}' });
    expect(received.at(-1)?.headers).toMatchObject(capabilities);
    for (const method of ['GET', 'GET', 'DELETE']) {
      proxy.clock.now += 1;
      const answer = await send(proxy.port, await proxy.signed({ ...poll, token, method, target: '/pending/1' }));
      expect(answer).toMatchObject({ status: 202, headers: pending });
      expect(received.at(-1)).toMatchObject({
        method,
        url: '/pending/1',
        headers: { prefer: 'wait=30', 'x-aauth-proxy-secret': proxySecret, 'x-aauth-jkt': proxy.agent.key.thumbprint },
      });
    }
  });

  test('is polled by nobody without a grant', async () => {
    const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
    const { token } = await grant();
    const accepted = await proxy.signed({ ...poll, token, method: 'GET', target: '/pending/1' });
    expect((await send(proxy.port, accepted)).status).toBe(200);
    const reached = proxy.backend.count();
    const { signature: _signature, ...unsigned } = accepted.headers;
    proxy.clock.now += 1;
    for (const [request, status] of [
      [{ ...accepted, headers: unsigned }, 401],
      [await proxy.signed({ ...poll, token: person.token, method: 'GET', target: '/pending/1' }), 401],
      [await proxy.signed({ ...poll, token: proxy.agent.token, method: 'GET', target: '/pending/1' }), 401],
      [await proxy.signed({ ...poll, token, method: 'PUT', target: '/pending/1' }), 404],
    ] as const) {
      expect((await send(proxy.port, request)).status).toBe(status);
    }
    expect(proxy.backend.count()).toBe(reached);
  });
});

test('the page that sends people on is open to browsers, which are nobody to the agent behind', async () => {
  const headers = { host: proxy.authority, cookie: 'interaction=mine', 'x-aauth-level': 'authorized' };
  const location = 'http://person-server.localhost:8765/ui/consent?code=A';
  const received = answerWith((response) =>
    response.writeHead(303, { location, 'set-cookie': 'interaction=mine' }).end(),
  );
  for (const target of ['/interaction/1?code=A1B2-C3D4&callback=x', '/interaction/callback?call=1']) {
    const answer = await send(proxy.port, { method: 'GET', target, headers, body: '' });
    expect(answer).toMatchObject({ status: 303, headers: { 'set-cookie': ['interaction=mine'] } });
    const { url, headers: seen = {} } = received.at(-1) ?? {};
    expect([url, seen.cookie]).toEqual([target, 'interaction=mine']);
    expect(Object.keys(seen).filter((name) => name.startsWith('x-aauth'))).toEqual([]);
  }
  const reached = proxy.backend.count();
  for (const [method, target] of [
    ['POST', '/interaction/1'],
    ['GET', '/interactions'],
  ] as const) {
    expect((await send(proxy.port, { method, target, headers, body: '' })).status).toBe(404);
  }
  expect(proxy.backend.count()).toBe(reached);
});
