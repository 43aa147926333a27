import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { AppContext } from '../environment.ts';

/** How the session's value travels in the browser. */
export interface SessionCookie {
  read(c: AppContext): string | undefined;
  write(c: AppContext, value: string): void;
  clear(c: AppContext): void;
}

/**
 * A host-only, HttpOnly, SameSite=Lax cookie; on https also Secure and with the `__Host-` prefix, which keeps other hosts of
 * the domain from setting it. Browsers refuse that prefix on http, where this server is only allowed on loopback.
 */
export function createSessionCookie(origin: ServerIdentifier, lifetime: number): SessionCookie {
  const secure = origin.startsWith('https:');
  const prefix = secure ? ('host' as const) : undefined;
  const name = 'aauth-session';
  const attributes = { path: '/', secure, httpOnly: true, sameSite: 'Lax' } as const;
  return {
    read: (c) => getCookie(c, name, prefix),
    write: (c, value) => setCookie(c, name, value, { ...attributes, prefix, maxAge: lifetime }),
    clear: (c) => void deleteCookie(c, name, { ...attributes, prefix }),
  };
}
