import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';
import { invalidResourceToken } from './resource-token-error.ts';

/** `aud` of the resource token is this Person Server: it asks no Access Servers. 400 `invalid_resource_token`. */
export function checkAudience(own: ServerIdentifier): Step {
  return async function checkAudience(c, next) {
    const { audience } = c.get('resourceToken');
    if (audience !== own) {
      const mismatch = { claim: 'aud', expected: own, received: audience };
      throw invalidResourceToken(
        `The resource token asks ${audience} for an auth token, and this Person Server asks no other servers.`,
        mismatch,
      );
    }
    await next();
  };
}
