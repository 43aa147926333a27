import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';
import { SessionError } from './session-error.ts';

/**
 * Refuses a change that a browser sends for another site. A request by bearer token needs no `Origin`: no site can make a
 * browser send that token.
 */
export function checkOrigin(origin: ServerIdentifier): Step {
  return async function checkOrigin(c, next) {
    if (c.get('session')?.via !== 'bearer' && c.req.header('origin') !== origin) {
      throw new SessionError('wrong_origin', `Changes are only made from pages of ${origin}.`);
    }
    await next();
  };
}
