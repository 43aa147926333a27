import type { Step } from '../environment.ts';
import { checkPortalToken, type PortalTokenCheck } from './check-portal-token.ts';
import type { SessionCookie } from './session-cookie.ts';
import { SessionError } from './session-error.ts';
import type { SessionStore } from './session-store.ts';

export interface LoadSessionOptions extends PortalTokenCheck {
  personId: string;
  cookie: SessionCookie;
  store: SessionStore;
}

/** Finds out whether the person is asking: by bearer token where one is sent, else by the cookie of a signed-in browser. */
export function loadSession({ personId, cookie, store, ...check }: LoadSessionOptions): Step {
  return async function loadSession(c, next) {
    const authorization = c.req.header('authorization');
    const value = cookie.read(c);
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
      if (token === undefined)
        throw new SessionError('session_required', 'Authorization must be "Bearer" and the portal token.');
      await checkPortalToken(c, token, check);
      c.set('session', { via: 'bearer', id: 'bearer', personId });
    } else if (value !== undefined) {
      c.set('session', await store.find(value));
    }
    await next();
  };
}
