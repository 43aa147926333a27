import { randomBytes, randomUUID } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Topic } from '../../../src/api/events.ts';
import { refuse } from './problem.ts';
import { inSeconds, type State } from './state.ts';

export const portalToken = 'a portal token for the tests';

export interface Surroundings {
  state: State;
  tell: (changed: readonly Topic[]) => void;
  origin: () => string;
}

export interface Environment {
  Variables: { sessionId: string };
}

type Step = MiddlewareHandler<Environment>;

export const cookie = 'aauth-session';

/** Opens a session, and says what its cookie holds. */
export function openSession(state: State, userAgent: string | null): string {
  const value = randomBytes(32).toString('base64url');
  state.sessions.set(value, {
    id: randomUUID(),
    csrfToken: randomUUID(),
    openedAt: new Date().toISOString(),
    userAgent,
  });
  return value;
}

/** The checks before the routes, as the Person Server has them. */
export function sessionSteps({ state, origin }: Surroundings): Record<'needsSession' | 'checksChange', Step> {
  const find = (value: string | undefined) => state.sessions.get(value ?? '');
  return {
    needsSession: async (c, next) => {
      const session = find(getCookie(c, cookie));
      if (!session) refuse(401, 'session_required', 'Sign in at /ui, or send the portal token as a bearer token.');
      c.set('sessionId', session.id);
      await next();
    },
    checksChange: async (c, next) => {
      if (c.req.header('origin') !== origin()) refuse(403, 'wrong_origin', 'Changes are only made from our own pages.');
      if (c.req.header('x-csrf-token') !== find(getCookie(c, cookie))?.csrfToken) {
        refuse(403, 'csrf_token_required', 'This page is out of date. Load it again and repeat your choice.');
      }
      await next();
    },
  };
}

export function sessionRoutes(surroundings: Surroundings, steps: ReturnType<typeof sessionSteps>): Hono<Environment> {
  const { state, tell, origin } = surroundings;
  const app = new Hono<Environment>();
  const describe = (value: string | undefined) => {
    const session = state.sessions.get(value ?? '');
    const common = {
      person_server: { issuer: origin(), name: 'Person Server' },
      server_time: new Date().toISOString(),
    };
    if (!session) return { signed_in: false, ...common };
    const { csrfToken: csrf_token } = session;
    return { signed_in: true, ...common, person_id: 'person-1', csrf_token, expires_at: inSeconds(43_200) };
  };

  app.get('/person/session', (c) => c.json(describe(getCookie(c, cookie))));
  app.post('/person/session', async (c) => {
    if (c.req.header('origin') !== origin()) refuse(403, 'wrong_origin', 'Changes are only made from our own pages.');
    const { token } = await c.req.json();
    if (token === 'too often') {
      refuse(429, 'slow_down', 'Too many wrong tokens came from your address. Try again in 290 seconds.', {
        headers: { 'retry-after': '290' },
      });
    }
    if (token !== portalToken) refuse(403, 'wrong_token', 'This is not the portal token of this Person Server.');
    const value = openSession(state, c.req.header('user-agent') ?? null);
    setCookie(c, cookie, value, { httpOnly: true, sameSite: 'Lax', path: '/' });
    tell(['sessions']);
    return c.json(describe(value));
  });
  app.delete('/person/session', steps.needsSession, steps.checksChange, (c) => {
    state.sessions.delete(getCookie(c, cookie) ?? '');
    deleteCookie(c, cookie, { path: '/' });
    return c.body(null, 204);
  });
  app.get('/person/sessions', steps.needsSession, (c) =>
    c.json(
      [...state.sessions.values()].map(({ id, openedAt, userAgent }) => ({
        id,
        current: id === c.get('sessionId'),
        opened_at: openedAt,
        last_seen_at: new Date().toISOString(),
        expires_at: inSeconds(43_200),
        user_agent: userAgent,
      })),
    ),
  );
  app.delete('/person/sessions/:id', steps.needsSession, steps.checksChange, (c) => {
    for (const [value, { id }] of state.sessions) if (id === c.req.param('id')) state.sessions.delete(value);
    tell(['sessions']);
    return c.body(null, 204);
  });
  app.post('/person/sessions/end', steps.needsSession, steps.checksChange, async (c) => {
    const { scope } = await c.req.json();
    const before = state.sessions.size;
    for (const [value, { id }] of state.sessions) {
      if (scope === 'all' || id !== c.get('sessionId')) state.sessions.delete(value);
    }
    tell(['sessions']);
    return c.json({ ended: before - state.sessions.size });
  });
  return app;
}
