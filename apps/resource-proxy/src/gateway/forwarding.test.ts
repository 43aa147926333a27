import { parseForwardedHeaders } from '@aauth-stack/aauth/resource';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, sendRaw, toText, type WireRequest } from '../testing/client.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';
import type { Received } from '../testing/servers.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
  proxy.backend.answer();
});

const cardRequest = (headers: Record<string, string> = {}): WireRequest => ({
  method: 'GET',
  target: '/.well-known/agent-card.json',
  headers: { host: proxy.authority, ...headers },
  body: '',
});

const last = (): Received => {
  const received = proxy.backend.received.at(-1);
  if (!received) throw new Error('the backend received nothing');
  return received;
};

const fieldsOf = ({ headers }: Received) =>
  new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe('W6: the service learns who calls', () => {
  test('from the headers that the proxy sends under the names that the services read', async () => {
    expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
    expect(last().headers).toMatchObject({
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-agent+jwt',
      'x-aauth-agent': proxy.agent.id,
      'x-aauth-agent-server': proxy.provider.issuer,
      'x-aauth-delegate': proxy.agent.id,
      'x-aauth-jkt': proxy.agent.key.thumbprint,
      'x-aauth-proxy-secret': proxySecret,
    });
    expect(parseForwardedHeaders(fieldsOf(last()), proxySecret)).toMatchObject({
      level: 'identified',
      agent: proxy.agent.id,
      agentServer: proxy.provider.issuer,
    });
  });

  test('and from nobody else: forged headers of a direct call name no one', async () => {
    const forged = {
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-agent': 'aauth:boss@evil.localhost',
    };
    const wrong: Record<string, string>[] = [{}, { 'x-aauth-proxy-secret': 'a-secret-of-the-tests-0123456789abcdeX' }];
    for (const secret of wrong) {
      const direct = { method: 'POST', target: '/', headers: { host: 'localhost', ...forged, ...secret }, body: '{}' };
      expect((await send(proxy.backend.port, direct)).status).toBe(200);
      expect(parseForwardedHeaders(fieldsOf(last()), proxySecret)).toBeUndefined();
    }
  });
});

describe('what only the proxy may say is dropped', () => {
  test.each([
    'x-aauth-agent',
    'X-AAuth-Agent',
    'x_aauth_agent',
    'X-AAUTH_Agent',
    'x-aauth-proxy-secret',
    'X_Aauth_Token',
  ])('%s of a client on a protected route', async (spelling) => {
    const request = await proxy.signed();
    const answer = await sendRaw(proxy.port, toText(request, [`${spelling}: aauth:boss@evil.localhost`]));
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(last().headers['x-aauth-agent']).toBe(proxy.agent.id);
    expect(last().headers['x-aauth-proxy-secret']).toBe(proxySecret);
    expect(JSON.stringify(last().rawHeaders)).not.toContain('evil');
  });

  test('x-aauth-* on a public route, where the proxy sends none', async () => {
    const answer = await sendRaw(
      proxy.port,
      toText(cardRequest(), ['x-aauth-agent: aauth:boss@evil.localhost', 'X_AAuth_Level: authorized']),
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(last().rawHeaders.filter((name) => /^x.aauth/i.test(name))).toEqual([]);
  });

  test('x-forwarded-* and hop-by-hop headers, also those that Connection names', async () => {
    const lines = [
      'X-Forwarded-For: 10.0.0.1',
      'x_forwarded_agent: boss',
      'TE: trailers',
      'X-Hop: 1',
      'Connection: x-hop',
    ];
    expect(await sendRaw(proxy.port, toText(cardRequest({ 'x-stays': 'yes' }), lines))).toMatch(/^HTTP\/1.1 200 /);
    expect(last().headers).toMatchObject({
      host: proxy.authority,
      'x-stays': 'yes',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': proxy.authority,
      'x-forwarded-proto': 'http',
    });
    for (const name of ['te', 'x-hop', 'x_forwarded_agent']) expect(last().headers).not.toHaveProperty(name);
  });

  test('the proxy secret in a response of a service that echoes', async () => {
    proxy.backend.answer((request, response) => {
      request.resume();
      const secret = String(request.headers['x-aauth-proxy-secret']);
      response.writeHead(200, { 'x-aauth-proxy-secret': secret, 'x-other': 'kept' }).end();
    });
    const answer = await send(proxy.port, await proxy.signed());
    expect(answer.headers).toMatchObject({ 'x-other': 'kept' });
    expect(JSON.stringify(answer.headers)).not.toContain(proxySecret);
  });
});

describe('the host that a verified request goes on with is the one that was signed', () => {
  const named = (host: string) => (text: string) => text.replace(/host: .*/, `host: ${host}`);
  const signedText = async (changes = {}) => toText(await proxy.signed(changes));
  const name = 'supply-chain-agent.localhost';

  test.each([`${name}:1`, name, `${name}:80`, `${name.toUpperCase()}:1`])('sent to %s', async (host) => {
    expect(await sendRaw(proxy.port, await signedText())).toMatch(/^HTTP\/1.1 200 /);
    proxy.clock.now += 1;
    expect(await sendRaw(proxy.port, named(host)(await signedText()))).toMatch(/^HTTP\/1.1 200 /);
    expect(last().headers).toMatchObject({ host: proxy.authority, 'x-forwarded-host': proxy.authority });
    expect(last().rawHeaders.filter((field) => /^host$/i.test(field))).toHaveLength(1);
  });

  test('and where it is part of the answer, as in a card, it is the same', async () => {
    const card = { url: 'http://localhost:9999/' };
    proxy.backend.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(card));
    });
    const extended = { method: 'GET', target: '/agent/authenticatedExtendedCard', body: '' };
    const asked = await sendRaw(proxy.port, named(`${name}:1`)(await signedText(extended)));
    expect(asked).toMatch(/^HTTP\/1.1 200 /);
    expect(asked).toContain(`http://${proxy.authority}/`);
    expect(asked).not.toContain(`${name}:1/`);
  });
});
