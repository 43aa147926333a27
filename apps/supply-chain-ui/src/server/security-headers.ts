import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const self = "'self'";
const none = ["'none'"];

/**
 * What a browser must not do with our pages: run or load anything that is not our own file, make a script of a text, show a page in a
 * frame, call anybody but the backend and the OpenID Provider. The windows that they open stay in touch with them.
 */
export function securityHeaders(connectOrigins: readonly string[]): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: [self],
      styleSrc: [self],
      imgSrc: [self],
      connectSrc: [self, ...new Set(connectOrigins)],
      formAction: none,
      baseUri: none,
      frameAncestors: none,
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: none,
    },
    crossOriginOpenerPolicy: 'same-origin-allow-popups',
    referrerPolicy: 'same-origin',
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    overwrite: false,
  });
}

/**
 * For the page at which a window ends that another opened: with a policy of its own it would be cut from its opener, and could not
 * close itself.
 */
export const keepOpener: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('cross-origin-opener-policy', 'unsafe-none');
};
