import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, sendRaw, toText, type WireRequest } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
});

describe('the request itself', () => {
  const smuggled: [
    name: string,
    change: (request: WireRequest) => { request?: Partial<WireRequest>; lines?: string[] },
  ][] = [
    ['a second Host header', () => ({ lines: ['Host: market-analysis-agent.localhost:3000'] })],
    ['an absolute target on another host', () => ({ request: { target: 'http://market-analysis-agent.localhost/' } })],
    ['an empty segment', () => ({ request: { target: '//agent/authenticatedExtendedCard' } })],
    ['a dot segment', () => ({ request: { target: '/x/../' } })],
    ['an encoded dot segment', () => ({ request: { target: '/x/%2e%2e/' } })],
    ['an encoded slash', () => ({ request: { target: '/agent%2FauthenticatedExtendedCard' } })],
    ['an encoded letter', () => ({ request: { target: '/%61gent/authenticatedExtendedCard' } })],
    ['a Host that is none', ({ headers }) => ({ request: { headers: { ...headers, host: 'a b' } } })],
  ];

  test.each(smuggled)('%s is 400', async (_name, change) => {
    const accepted = await proxy.signed();
    expect(await sendRaw(proxy.port, toText(accepted))).toMatch(/^HTTP\/1.1 200 /);
    const reached = proxy.backend.count();
    proxy.clock.now += 1;
    const original = await proxy.signed();
    const { request = {}, lines = [] } = change(original);
    const answer = await sendRaw(proxy.port, toText({ ...original, ...request }, lines));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(proxy.backend.count()).toBe(reached);
  });

  test('the absolute form on the same host is the same request', async () => {
    const request = await proxy.signed();
    const answer = await sendRaw(proxy.port, toText({ ...request, target: `http://${proxy.authority}/` }));
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(proxy.backend.received.at(-1)?.url).toBe('/');
  });

  test('64 KiB of headers are 431', async () => {
    const request = await proxy.signed({ headers: { 'x-padding': 'x'.repeat(64 * 1024) } });
    const reached = proxy.backend.count();
    expect(await sendRaw(proxy.port, toText(request))).toMatch(/^HTTP\/1.1 431 /);
    expect(proxy.backend.count()).toBe(reached);
  });

  test.each([
    ['GET', '/'],
    ['POST', '/agent/authenticatedextendedcard'],
    ['GET', '/healthz'],
    ['GET', '/.well-known/openid-configuration'],
    ['POST', '/.well-known/agent-card.json'],
  ])('%s %s leads nowhere: 404', async (method, target) => {
    const reached = proxy.backend.count();
    const answer = await send(proxy.port, await proxy.signed({ method, target, body: '' }));
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'not_found' });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('an unknown host leads nowhere: 404', async () => {
    const answer = await send(proxy.port, await proxy.signed({ authority: `other.localhost:${proxy.port}` }));
    expect(answer.status).toBe(404);
  });

  test('malformed JSON is for the service to judge, and names no method', async () => {
    expect((await send(proxy.port, await proxy.signed({ body: '{"jsonrpc":' }))).status).toBe(200);
    expect(proxy.backend.received.at(-1)?.body).toBe('{"jsonrpc":');
    expect(proxy.lines().at(-1)).not.toHaveProperty('a2a.method');
  });
});
