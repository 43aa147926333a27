import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cookieOf, sendSignIn, signIn } from '../../test/browser-session.ts';
import { type Deployment, portalToken, startDeployment } from '../../test/deployment.ts';
import { sessions } from '../db/schema.ts';
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
  test('gives a cookie that no script and no other site can use, and leads to the page', async () => {
    const response = await sendSignIn(deployment, portalToken);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/ui');
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

  test('with a wrong token is refused with a page that says so, and logged without the token', async () => {
    const response = await sendSignIn(deployment, 'not-the-token');
    expect(response.status).toBe(403);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.text()).toContain('This is not the portal token');
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
    const response = await session.post('/ui/sign-out');
    expect(response.status).toBe(303);
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
