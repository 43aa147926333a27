import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { secureHeaders } from 'hono/secure-headers';
import type { Step } from '../environment.ts';

const self = ["'self'"];
const none = ["'none'"];

/**
 * What a browser must not do with our responses: run or load anything that is not our own file, make a script of a text, show a page
 * in a frame, send a form elsewhere.
 */
export function securityHeaders(origin: ServerIdentifier): Step {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      imgSrc: self,
      connectSrc: self,
      formAction: self,
      baseUri: none,
      frameAncestors: none,
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: none,
    },
    referrerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    strictTransportSecurity: origin.startsWith('https:') && 'max-age=31536000',
    overwrite: false,
  });
}

/** Leaves the consent page in touch with the page that opened it, which waits for the person to come back. */
export const keepOpener: Step = async function keepOpener(c, next) {
  await next();
  c.header('cross-origin-opener-policy', 'unsafe-none');
};

/** What concerns the person is kept by no cache. */
export const noStore: Step = async function noStore(c, next) {
  await next();
  c.header('cache-control', 'no-store');
};
