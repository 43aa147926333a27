import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../test/backend.ts';
import { request } from '../test/requests.ts';
import { routes } from './openapi/document.ts';

let backend: Awaited<ReturnType<typeof startBackend>>;
let state: 'pending' | 'denied' | 'enrolled' = 'enrolled';

beforeAll(async () => {
  const status = () => ({ state, detail: `It is ${state}.` });
  backend = await startBackend({ session: { status } });
});
afterAll(() => backend?.close());

const get = (path: string) => request(backend.url, path);

describe('the OpenAPI document', () => {
  it('names every route that there is, and none that there is not', () => {
    const served = backend.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
      .map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`)
      .filter((route) => !/ \/(openapi\.json|docs|redoc|auth-callback\.js|otlp.*)$/.test(route));
    const documented = routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(served)].sort()).toEqual([...documented].sort());
  });

  it('says of each route whether it asks for a sign-in', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.paths['/config'].get.security).toBeUndefined();
    expect(body.paths['/optimization/runs'].get.security).toEqual([{ bearer: [] }, {}]);
  });
});

describe('without a provider to sign in at', () => {
  it('everybody is the guest', async () => {
    expect((await get('/auth/me')).body).toMatchObject({ id: 'guest', name: 'Guest', is_active: true });
    expect((await get('/auth/health')).body.auth).toBe('disabled');
    expect((await get('/config')).body.sign_in).toBeNull();
  });
});

describe('an agent that is not approved', () => {
  it('is told of with the place to approve it', async () => {
    const self = async (now: typeof state) => {
      state = now;
      return (await get('/agents/self')).body;
    };
    const approve_url = 'http://person-server.localhost:8765/ui';
    const agent_name = 'Backend App';
    expect(await self('pending')).toEqual({ agent_name, agent: null, state, detail: 'It is pending.', approve_url });
    expect(await self('denied')).toMatchObject({ approve_url });
    expect(await self('enrolled')).toMatchObject({ approve_url: null });
  });
});

describe('other pages', () => {
  const preflight = (origin: string) =>
    fetch(`${backend.url}/optimization/start`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it('may call this API when they are the demo UI’s, and with nobody’s cookies', async () => {
    const { headers } = await preflight('http://localhost:3050');
    expect(headers.get('access-control-allow-origin')).toBe('http://localhost:3050');
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    const response = await fetch(`${backend.url}/optimization/runs`, { headers: { origin: 'http://localhost:3050' } });
    expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('www-authenticate');
  });

  it.each(['http://localhost:3051', 'https://localhost:3050', 'http://localhost:3050.evil.example', 'null'])(
    'may not from %s',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

it('refuses bodies that are too long, announced or not', async () => {
  const body = JSON.stringify({ prompt: 'x'.repeat(200_000) });
  const headers = { 'content-type': 'application/json' };
  const post = (init: RequestInit) => fetch(`${backend.url}/optimization/start`, { method: 'POST', headers, ...init });
  const chunked = new Blob([body]).stream();
  for (const response of [await post({ body }), await post({ body: chunked, duplex: 'half' })]) {
    expect([response.status, Object(await response.json()).error]).toEqual([413, 'invalid_request']);
  }
  expect((await post({ body: '{"prompt":7}' })).status).toBe(422);
  expect((await post({ body: '{' })).status).toBe(422);
  expect((await post({ body: '{}' })).status).toBe(200);
});
