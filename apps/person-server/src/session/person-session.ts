import type { AppContext } from '../environment.ts';
import { SessionError } from './session-error.ts';

/** The person, known to be there: by the cookie of a signed-in browser, or by the portal token as a bearer token. */
export type PersonSession =
  | {
      readonly via: 'bearer';
      /** All requests by bearer token are one session. */
      readonly id: 'bearer';
      readonly personId: string;
    }
  | {
      readonly via: 'cookie';
      /** Not the cookie's value, nor anything that opens the session. */
      readonly id: string;
      readonly personId: string;
      readonly openedAt: Date;
      /** What every change made with this cookie has to carry beside it. */
      readonly csrfToken: string;
      readonly expiresAt: Date;
    };

/** The session of a route whose steps include `checkSession`. */
export function currentSession(c: AppContext): PersonSession {
  const session = c.get('session');
  if (!session)
    throw new SessionError('session_required', 'Sign in at /ui, or send the portal token as a bearer token.');
  return session;
}
