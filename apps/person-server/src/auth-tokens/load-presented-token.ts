import { TokenRequestError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';
import type { ReadOwnToken } from '../tokens/own-tokens.ts';

/**
 * Verifies `presented_token`, by itself: a person or auth token that this server issued, to this agent.
 * 400 `invalid_presented_token` | `expired_presented_token` | `revoked_presented_token`.
 */
export function loadPresentedToken(readOwnToken: ReadOwnToken): Step {
  return async function loadPresentedToken(c, next) {
    const presented = await readOwnToken('presented', c.get('authTokenParameters').presentedToken);
    const { issuer, agent } = c.get('agentToken');
    const { agentProvider, agentId } = presented.record;
    if (agentProvider !== issuer || agentId !== agent) {
      throw new TokenRequestError('invalid_presented_token', 'The presented token was issued to another agent.', {
        expected: { agentProvider, agentId },
        received: { agentProvider: issuer, agentId: agent },
      });
    }
    c.set('presented', presented);
    await next();
  };
}
