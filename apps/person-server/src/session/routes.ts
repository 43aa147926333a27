import type { Logger } from '@aauth-stack/service/logger';
import type { AppContext } from '../environment.ts';
import { checkPortalToken, type PortalTokenCheck } from './check-portal-token.ts';
import { readForm } from './form.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { SessionStore } from './session-store.ts';

export interface SessionRouteOptions extends PortalTokenCheck {
  personId: string;
  cookie: SessionCookie;
  store: SessionStore;
  log: Logger;
}

/** POST /ui/sign-in: the portal token for a cookie. Always ends at /ui: there is no place to send anybody else to. */
export function signIn({ personId, cookie, store, ...check }: SessionRouteOptions) {
  return async (c: AppContext) => {
    await checkPortalToken(c, (await readForm(c)).get('token') ?? '', check);
    cookie.write(c, await store.open(personId, cookie.read(c)));
    check.log.info('The person signed in.');
    return c.redirect('/ui', 303);
  };
}

/** POST /ui/sign-out */
export function signOut({ cookie, store, log }: SessionRouteOptions) {
  return async (c: AppContext) => {
    const value = cookie.read(c);
    if (value !== undefined) await store.end(value);
    cookie.clear(c);
    log.info('The person signed out.');
    return c.redirect('/ui', 303);
  };
}
