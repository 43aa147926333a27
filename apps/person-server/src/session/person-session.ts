import type { AppContext } from '../environment.ts';
import { SessionError } from './session-error.ts';

/** The session of a signed-in browser. */
export interface CookieSession {
  readonly via: 'cookie';
  /** A handle: it opens nothing. */
  readonly id: string;
  readonly personId: string;
  /** What every change made with this cookie has to carry beside it. */
  readonly csrfToken: string;
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

/** The portal token, sent as a bearer token. */
interface BearerSession {
  readonly via: 'bearer';
  /** All requests by bearer token are one session. */
  readonly id: 'bearer';
  readonly personId: string;
}

/** The person, known to be there. */
export type PersonSession = BearerSession | CookieSession;

/** The session of a route whose steps include `checkSession`. */
export function currentSession(c: AppContext): PersonSession {
  const session = c.get('session');
  if (!session)
    throw new SessionError('session_required', 'Sign in at /ui, or send the portal token as a bearer token.');
  return session;
}
