import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';
import { toDate } from '../db/dates.ts';
import type { AppContext } from '../environment.ts';
import { readJson } from '../read-json.ts';
import { checkPortalToken, type PortalTokenCheck } from './check-portal-token.ts';
import { currentSession, type PersonSession } from './person-session.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';

export interface SessionRouteOptions extends PortalTokenCheck {
  issuer: ServerIdentifier;
  /** What this server calls itself. */
  name: string;
  personId: string;
  cookie: SessionCookie;
  store: SessionStore;
  /** Seconds. */
  lifetime: number;
  now: Clock;
}

const signInSchema = z.object({ token: z.string().max(1024) });

/** GET /person/session: whether anybody is signed in, and what a page needs to make changes. */
export function getSession(options: SessionRouteOptions) {
  return (c: AppContext) => c.json(shown(c.get('session'), options));
}

/** POST /person/session `{token}`: the portal token for a cookie. */
export function signIn(options: SessionRouteOptions) {
  const { personId, cookie, store, ...check } = options;
  return async (c: AppContext) => {
    const { token } = await readJson(c, signInSchema, '{"token": "…"}');
    await checkPortalToken(c, token, check);
    const opened = await store.open({ personId, userAgent: c.req.header('user-agent'), previous: cookie.read(c) });
    cookie.write(c, opened.cookie);
    check.log.info('The person signed in.');
    return c.json(shown(opened.session, options));
  };
}

/** DELETE /person/session */
export function signOut({ cookie, store, log }: SessionRouteOptions) {
  return async (c: AppContext) => {
    const session = currentSession(c);
    if (session.via === 'cookie') {
      await store.end(session);
      log.info('The person signed out.');
    }
    cookie.clear(c);
    return c.body(null, 204);
  };
}

/** GET /person/sessions: where the person is signed in. */
export function listSessions({ store }: SessionRouteOptions) {
  return async (c: AppContext) => {
    const session = currentSession(c);
    const own = session.via === 'cookie' ? session.id : undefined;
    const records = await store.list(session.personId);
    return c.json(records.map((record) => shownInfo(record, own)));
  };
}

/** DELETE /person/sessions/{id} */
export function endSession({ store }: SessionRouteOptions) {
  return async (c: AppContext) => {
    const id = z.uuid().safeParse(c.req.param('id')).data;
    const ended = id === undefined ? [] : await store.endAll(currentSession(c), { id });
    if (ended.length > 0) return c.body(null, 204);
    throw new RequestError('not_found', 'This session has ended already.', { status: 404 });
  };
}

const endSchema = z.object({ scope: z.enum(['others', 'all']) });

/** POST /person/sessions/end `{scope: "others" | "all"}` */
export function endSessions({ cookie, store, log }: SessionRouteOptions) {
  return async (c: AppContext) => {
    const { scope } = await readJson(c, endSchema, '{"scope": "others" or "all"}');
    const ended = await store.endAll(currentSession(c), scope);
    log.info({ scope, ended: ended.length }, 'The person ended sessions.');
    if (scope === 'all') cookie.clear(c);
    return c.json({ ended: ended.length });
  };
}

function shown(session: PersonSession | undefined, { issuer, name, lifetime, now }: SessionRouteOptions) {
  const common = { person_server: { issuer, name }, server_time: toDate(now()).toISOString() };
  if (!session) return { signed_in: false, ...common };
  const isCookie = session.via === 'cookie';
  return {
    signed_in: true,
    ...common,
    person_id: session.personId,
    csrf_token: isCookie ? session.csrfToken : '',
    expires_at: (isCookie ? session.expiresAt : toDate(now() + lifetime)).toISOString(),
  };
}

function shownInfo({ id, userAgent, createdAt, lastSeenAt, expiresAt }: SessionRecord, own: string | undefined) {
  return {
    id,
    current: id === own,
    opened_at: createdAt.toISOString(),
    last_seen_at: lastSeenAt?.toISOString() ?? null,
    expires_at: expiresAt.toISOString(),
    user_agent: userAgent,
  };
}
