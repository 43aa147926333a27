import type { Logger } from '@aauth-stack/service/logger';
import type { AppContext } from '../environment.ts';
import { clientAddress } from './client-address.ts';
import { matchesPortalToken, type PortalToken } from './portal-token.ts';
import { SessionError } from './session-error.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface PortalTokenCheck {
  portalToken: PortalToken;
  limit: SignInLimit;
  log: Logger;
}

/**
 * Whether a portal token that a request carries is the right one. Signing in and sending it as a bearer token go through
 * here both, so that neither is a way around the limit of the other.
 *
 * @throws SessionError `wrong_token` | `slow_down`
 */
export async function checkPortalToken(c: AppContext, candidate: string, check: PortalTokenCheck): Promise<void> {
  const address = clientAddress(c);
  if (!matchesPortalToken(check.portalToken, candidate)) {
    await check.limit.check(address);
    await check.limit.recordFailure(address);
    check.log.warn({ address }, 'A wrong portal token was refused.');
    throw new SessionError('wrong_token', 'This is not the portal token of this Person Server.');
  }
  await check.limit.check(address);
}
