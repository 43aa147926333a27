import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cookieOf, jsonBody, sendSignIn, signIn } from '../../test/browser-session.ts';
import { type Deployment, portalToken, startDeployment } from '../../test/deployment.ts';
import { activity, sessions } from '../db/schema.ts';
import type { Environment } from '../environment.ts';
import { createSessionCookie } from './session-cookie.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2 });
});
afterAll(() => deployment.stop());
beforeEach(() => deployment.useReplica(0));

async function problemOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return response.json();
}

describe('signing in', () => {
  test('gives a cookie that no script and no other site can use', async () => {
    const response = await sendSignIn(deployment, portalToken);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      signed_in: true,
      person_server: { issuer: deployment.origin, name: 'Person Server' },
      server_time: expect.stringMatching(/^\d{4}-/),
      person_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      csrf_token: expect.stringMatching(/^[\w-]{43}$/),
      expires_at: expect.stringMatching(/^\d{4}-/),
    });
    expect(response.headers.get('set-cookie')).toMatch(
      /^aauth-session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  test('makes the cookie Secure and host-bound where the origin is https', async () => {
    const origin = parseServerIdentifier('https://ps.example', { allowLoopback: false });
    const cookie = createSessionCookie(origin, 60);
    const app = new Hono<Environment>();
    app.get('/', (c) => {
      cookie.write(c, 'value');
      return c.text('');
    });
    const response = await app.request('/');
    expect(response.headers.get('set-cookie')).toBe(
      '__Host-aauth-session=value; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
    );
  });

  test('with a wrong token is refused, and logged without the token', async () => {
    const response = await sendSignIn(deployment, 'not-the-token');
    expect(response.status).toBe(403);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await problemOf(response)).toMatchObject({
      error: 'wrong_token',
      detail: expect.stringContaining('This is not the portal token'),
    });
    const lines = deployment.log.lines();
    expect(lines.some(({ msg }) => msg === 'A wrong portal token was refused.')).toBe(true);
    expect(JSON.stringify(lines)).not.toContain('not-the-token');
  });

  test('from a page of another site is refused, with the right token too', async () => {
    for (const origin of ['https://evil.example', 'null', `${deployment.origin}.evil.example`]) {
      const response = await sendSignIn(deployment, portalToken, { origin });
      expect(response.status).toBe(403);
      expect(response.headers.get('set-cookie')).toBeNull();
    }
  });

  test('replaces the session that the browser had: a planted cookie is worth nothing afterwards', async () => {
    const first = await signIn(deployment);
    const second = await sendSignIn(deployment, portalToken, { cookie: first.cookie });
    expect(cookieOf(second)).not.toBe(first.cookie);
    expect((await first.get('/person/registrations')).status).toBe(401);
    const planted = 'aauth-session=chosen-by-somebody-else';
    expect(cookieOf(await sendSignIn(deployment, portalToken, { cookie: planted }))).not.toBe(planted);
  });
});

describe('GET /person/session', () => {
  const described = async (response: Response) => {
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return response.json();
  };

  test('says that nobody is signed in, to anybody, and nothing else', async () => {
    const nobody = {
      signed_in: false,
      person_server: { issuer: deployment.origin, name: 'Person Server' },
      server_time: expect.stringMatching(/^\d{4}-/),
    };
    expect(await described(await deployment.request('/person/session'))).toEqual(nobody);
    const headers = { cookie: 'aauth-session=made-up' };
    expect(await described(await deployment.request('/person/session', { headers }))).toEqual(nobody);
  });

  test('gives a page what its changes have to carry, and a script no token that it has no use for', async () => {
    const session = await signIn(deployment);
    const page = Object(await described(await session.get('/person/session')));
    expect(page).toMatchObject({ signed_in: true, csrf_token: session.csrfToken });
    expect(await described(await deployment.asPerson('/person/session'))).toMatchObject({
      signed_in: true,
      person_id: page.person_id,
      csrf_token: '',
    });
  });
});

describe('a session', () => {
  test('is accepted by every replica and survives a restart', async () => {
    const session = await signIn(deployment);
    deployment.useReplica(1);
    expect((await session.get('/person/registrations')).status).toBe(200);
    await deployment.restart();
    expect((await session.get('/person/registrations')).status).toBe(200);
  });

  test('ends when it has lasted its time', async () => {
    const session = await signIn(deployment);
    deployment.clock.advance(43_199);
    expect((await session.get('/person/registrations')).status).toBe(200);
    deployment.clock.advance(2);
    const response = await session.get('/person/registrations');
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ error: 'session_required' });
  });

  test('ends with signing out, on every replica', async () => {
    const session = await signIn(deployment);
    const response = await session.change('DELETE', '/person/session');
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(/^aauth-session=; Max-Age=0/);
    deployment.useReplica(1);
    expect((await session.get('/person/registrations')).status).toBe(401);
  });

  test('ends when the portal token is changed', async () => {
    const session = await signIn(deployment);
    await deployment.restart({ AAUTH_PORTAL_TOKEN: 'another' });
    expect((await session.get('/person/registrations')).status).toBe(401);
    await deployment.restart();
    expect((await session.get('/person/registrations')).status).toBe(200);
  });

  test('is stored as a hash: what the database holds opens nothing', async () => {
    const { cookie } = await signIn(deployment);
    const rows = await deployment.db.select().from(sessions);
    const value = cookie.slice('aauth-session='.length);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(value);
    for (const { idHash } of rows) {
      const response = await deployment.request('/person/bindings', { headers: { cookie: `aauth-session=${idHash}` } });
      expect(response.status).toBe(401);
    }
  });
});

describe('the list of sessions', () => {
  const list = async (get: (path: string) => Promise<Response>) => Object(await (await get('/person/sessions')).json());
  const isOver = async (get: (path: string) => Promise<Response>) => (await get('/person/bindings')).status === 401;

  test('tells where the person is signed in, since when and by what, and nothing that opens a session', async () => {
    deployment.clock.advance(43_201);
    const phone = await signIn(deployment, { 'user-agent': `Phone ${'x'.repeat(400)}` });
    deployment.clock.advance(1);
    const desk = await signIn(deployment, { 'user-agent': 'Desk' });
    deployment.clock.advance(90);
    deployment.useReplica(1);
    const rows = await list(desk.get);
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        current: true,
        opened_at: expect.any(String),
        last_seen_at: expect.any(String),
        expires_at: expect.any(String),
        user_agent: 'Desk',
      },
      expect.objectContaining({ current: false, user_agent: `Phone ${'x'.repeat(250)}` }),
    ]);
    // Having listed them was being seen.
    const [seen] = await list(desk.get);
    expect(Date.parse(seen.last_seen_at) - Date.parse(seen.opened_at)).toBeGreaterThanOrEqual(90_000);
    const stored = await deployment.db.select().from(sessions);
    for (const { idHash } of stored) expect(JSON.stringify(rows)).not.toContain(idHash);
    expect(JSON.stringify(rows)).not.toContain(phone.cookie.split('=')[1]);
    expect((await deployment.asPerson('/person/sessions')).status).toBe(200);
    expect((await deployment.request('/person/sessions')).status).toBe(401);
  });

  test('ends one, on every replica, once', async () => {
    const [own, other] = [await signIn(deployment), await signIn(deployment)];
    const [row] = (await list(other.get)).filter(({ current }: { current: boolean }) => current);
    const path = `/person/sessions/${row.id}`;
    expect((await own.change('DELETE', path, { csrfToken: 'wrong' })).status).toBe(403);
    expect((await own.change('DELETE', path, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await isOver(other.get)).toBe(false);
    deployment.useReplica(1);
    expect((await own.change('DELETE', path)).status).toBe(204);
    expect(await isOver(other.get)).toBe(true);
    expect(await isOver(own.get)).toBe(false);
    for (const gone of [path, '/person/sessions/none', `/person/sessions/${crypto.randomUUID()}`]) {
      expect((await own.change('DELETE', gone)).status).toBe(404);
    }
  });

  test('ends all others, and all', async () => {
    const [own, other] = [await signIn(deployment), await signIn(deployment)];
    const end = '/person/sessions/end';
    const others = await own.change('POST', end, { body: { scope: 'others' } });
    expect(Object(await others.json()).ended).toBeGreaterThanOrEqual(1);
    expect(others.headers.get('set-cookie')).toBeNull();
    expect([await isOver(own.get), await isOver(other.get)]).toEqual([false, true]);
    const again = await own.change('POST', end, { body: { scope: 'others' } });
    expect(await again.json()).toEqual({ ended: 0 });
    for (const body of [{}, { scope: 'mine' }, 'all', null]) {
      expect((await own.change('POST', end, { body })).status).toBe(400);
    }
    const all = await own.change('POST', end, { body: { scope: 'all' } });
    expect(await all.json()).toEqual({ ended: 1 });
    expect(all.headers.get('set-cookie')).toMatch(/^aauth-session=; Max-Age=0/);
    expect(await isOver(own.get)).toBe(true);
  });

  test('by bearer token ends those of all browsers', async () => {
    const browser = await signIn(deployment);
    const response = await deployment.asPerson('/person/sessions/end', jsonBody('POST', { scope: 'others' }));
    expect(Object(await response.json()).ended).toBeGreaterThanOrEqual(1);
    expect(await isOver(browser.get)).toBe(true);
  });

  test('is part of the activity', async () => {
    const [own, other] = [await signIn(deployment), await signIn(deployment)];
    await own.change('POST', '/person/sessions/end', { body: { scope: 'others' } });
    await own.change('DELETE', '/person/session');
    expect(await isOver(other.get)).toBe(true);
    const rows = await deployment.db.select().from(activity).orderBy(activity.at);
    expect(rows.slice(-4).map(({ kind, via }) => [kind, via])).toEqual([
      ['signed-in', 'cookie'],
      ['signed-in', 'cookie'],
      ['sessions-ended', 'cookie'],
      ['signed-out', 'cookie'],
    ]);
  });
});

test.each([
  ['a form', 'application/x-www-form-urlencoded', 'token=mytoken'],
  ['no JSON', 'application/json', '{'],
  ['no token', 'application/json', '{}'],
  ['a token that is none', 'application/json', '{"token":7}'],
])('signing in with %s is invalid_request', async (_, type, body) => {
  const headers = { origin: deployment.origin, 'content-type': type };
  const response = await deployment.request('/person/session', { method: 'POST', headers, body });
  expect(response.status).toBe(400);
  expect(await problemOf(response)).toMatchObject({ error: 'invalid_request' });
  expect(response.headers.get('set-cookie')).toBeNull();
});

describe('the portal token as a bearer token', () => {
  test('is the person, in any case of the scheme', async () => {
    expect((await deployment.asPerson('/person/registrations')).status).toBe(200);
    const headers = { authorization: `bearer ${portalToken}` };
    expect((await deployment.request('/person/registrations', { headers })).status).toBe(200);
  });

  test('missing is 401 with WWW-Authenticate, wrong is 403', async () => {
    const missing = await deployment.request('/person/registrations');
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="person-server"');
    expect(missing.headers.get('signature-error')).toBeNull();
    expect(await problemOf(missing)).toMatchObject({ error: 'session_required' });

    const wrong = await deployment.request('/person/registrations', { headers: { authorization: 'Bearer wrong' } });
    expect(wrong.status).toBe(403);
    expect(await problemOf(wrong)).toMatchObject({ error: 'wrong_token' });

    const otherScheme = await deployment.request('/person/registrations', { headers: { authorization: 'Basic eDp5' } });
    expect(otherScheme.status).toBe(401);
  });

  test('that is wrong is not forgiven because of a good cookie beside it', async () => {
    const { cookie } = await signIn(deployment);
    const headers = { cookie, authorization: 'Bearer wrong' };
    expect((await deployment.request('/person/registrations', { headers })).status).toBe(403);
  });
});
