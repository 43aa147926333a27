import { expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';
import { corsHeaders, preflightHeaders, withCors } from './cors.ts';

const policy = {
  allowOrigins: ['http://localhost:3050'],
  allowHeaders: ['*'],
  allowMethods: [],
  exposeHeaders: ['aauth-requirement'],
  allowCredentials: false,
  maxAge: 600,
};

async function withProxy(work: (proxy: TestProxy) => Promise<void>) {
  const proxy = await startProxy();
  try {
    await work(proxy);
  } finally {
    await proxy.close();
  }
}

const preflight = (proxy: TestProxy, origin: string, target = '/') => ({
  method: 'OPTIONS',
  target,
  headers: {
    host: proxy.authority,
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'signature, signature-input',
  },
  body: '',
});

test('a preflight of the UI is answered here, without verification', () =>
  withProxy(async (proxy) => {
    const answer = await send(proxy.port, preflight(proxy, 'http://localhost:3050'));
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'http://localhost:3050',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'signature, signature-input',
        vary: 'Origin',
      },
    });
    expect(proxy.backend.count()).toBe(0);
  }));

test('a preflight of another origin gets no permission, one for a path without route is 404', () =>
  withProxy(async (proxy) => {
    const answer = await send(proxy.port, preflight(proxy, 'http://evil.example'));
    expect(answer.status).toBe(204);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await send(proxy.port, preflight(proxy, 'http://localhost:3050', '/elsewhere'))).status).toBe(404);
    expect(proxy.backend.count()).toBe(0);
  }));

test('a refusal can be read by the UI', () =>
  withProxy(async (proxy) => {
    const headers = { host: proxy.authority, origin: 'http://localhost:3050' };
    const answer = await send(proxy.port, { method: 'POST', target: '/', headers, body: '' });
    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'access-control-allow-origin': 'http://localhost:3050',
        'access-control-expose-headers': expect.stringContaining('aauth-requirement'),
      },
    });
  }));

test('the origin is compared whole', () => {
  expect(corsHeaders(policy, 'http://localhost:30500')).toEqual({ vary: 'Origin' });
  expect(corsHeaders(policy, undefined)).toEqual({ vary: 'Origin' });
  expect(preflightHeaders(policy, { origin: 'http://localhost:3050' })).toMatchObject({
    'access-control-max-age': '600',
  });
});

test('the word of the backend on CORS is replaced, its Vary is kept', () => {
  const merged = withCors(
    { 'access-control-allow-origin': '*', vary: 'A2A-Version', 'x-other': 'a' },
    corsHeaders(policy, 'http://localhost:3050'),
  );
  expect(merged).toMatchObject({
    'access-control-allow-origin': 'http://localhost:3050',
    vary: 'A2A-Version, Origin',
    'x-other': 'a',
  });
});
