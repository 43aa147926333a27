import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';
import { publicCard } from './agent-card.ts';

const origin = 'http://agent.localhost:3000';

test('the URLs of both card versions move to the public origin, paths stay', () => {
  const card = {
    name: 'Agent',
    url: 'http://127.0.0.1:9999/a2a?x=1',
    additionalInterfaces: [{ transport: 'JSONRPC', url: 'http://127.0.0.1:9999/' }],
    supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: 'http://127.0.0.1:9999/v1' }],
    documentationUrl: 'http://docs.example/',
  };
  expect(JSON.parse(publicCard(JSON.stringify(card), origin) ?? '')).toEqual({
    name: 'Agent',
    url: `${origin}/a2a?x=1`,
    additionalInterfaces: [{ transport: 'JSONRPC', url: `${origin}/` }],
    supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: `${origin}/v1` }],
    documentationUrl: 'http://docs.example/',
  });
});

test.each(['t:9', 'x:@evil.example/', 'javascript:alert(1)', 'mailto:a@b'])(
  '%s stays: it has no path to move',
  (url) => {
    const whole = { url: 'http://localhost:9999/a', additionalInterfaces: [{ url }] };
    expect(publicCard(JSON.stringify(whole), 'http://a.localhost:3000')).toBe(
      JSON.stringify({ url: 'http://a.localhost:3000/a', additionalInterfaces: [{ url }] }),
    );
  },
);

test.each([
  ['what is on the public origin already', `{ "url": "${origin}/" }`],
  ['what is not JSON', 'card'],
  ['what is not a card', '[{"url":"http://127.0.0.1/"}]'],
  ['a card without URLs', '{"name":"x"}'],
])('%s passes as it is', (_name, text) => {
  expect(publicCard(text, origin)).toBeUndefined();
});

describe('through the gateway', () => {
  let proxy: TestProxy;

  beforeAll(async () => {
    proxy = await startProxy();
  });
  afterAll(() => proxy.close());
  beforeEach(() => {
    proxy.clock.now += 1;
  });

  const answerWith = (text: string) =>
    proxy.backend.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', etag: '"1"', vary: 'A2A-Version' });
      response.end(text);
    });

  const card = (target: string) => ({ method: 'GET', target, headers: { host: proxy.authority }, body: '' });

  test.each(['/.well-known/agent-card.json', '/.well-known/agent.json'])('W3: %s is public', async (target) => {
    answerWith('{"url":"http://127.0.0.1:9999/"}');
    const answer = await send(proxy.port, card(target));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ url: `http://${proxy.authority}/` });
    expect(answer.headers).not.toHaveProperty('etag');
    expect(answer.headers.vary).toBe('A2A-Version, Origin');
  });

  test('the extended card needs a signature', async () => {
    answerWith('{"url":"http://127.0.0.1:9999/"}');
    const target = '/agent/authenticatedExtendedCard';
    expect((await send(proxy.port, card(target))).status).toBe(401);
    const answer = await send(proxy.port, await proxy.signed({ method: 'GET', target, body: '' }));
    expect(JSON.parse(answer.text)).toEqual({ url: `http://${proxy.authority}/` });
  });

  test('what is too large to be a card passes as it is', async () => {
    const text = JSON.stringify({ url: 'http://127.0.0.1:9999/', padding: 'x'.repeat(300 * 1024) });
    answerWith(text);
    expect((await send(proxy.port, card('/.well-known/agent-card.json'))).text).toBe(text);
  });
});
