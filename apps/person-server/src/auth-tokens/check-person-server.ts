import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';
import { invalidResourceToken } from './resource-token-error.ts';

/** `ps` of the resource token names this Person Server. 400 `invalid_resource_token`. */
export function checkPersonServer(own: ServerIdentifier): Step {
  return async function checkPersonServer(c, next) {
    const { personServer } = c.get('resourceToken');
    if (personServer !== own) {
      const mismatch = { claim: 'ps', expected: own, received: personServer };
      throw invalidResourceToken(`The resource token is for a person of ${personServer}, not of ${own}.`, mismatch);
    }
    await next();
  };
}
