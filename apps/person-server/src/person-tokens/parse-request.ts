import { RequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Step } from '../environment.ts';
import { parseParameters, personTokenSchema, tokenRequestOf } from '../token-requests/parameters.ts';

/** Reads `{resource, …}` (AAuth Protocol, "Person Token Endpoint"). 400 `invalid_request`; 404 for a mission: there are none here. */
export function parsePersonTokenRequest(identifiers: IdentifierPolicy): Step {
  return async function parsePersonTokenRequest(c, next) {
    const parameters = parseParameters(c, personTokenSchema);
    c.set('tokenRequest', tokenRequestOf(parameters));
    c.set('resource', parseServerIdentifier(parameters.resource, identifiers));
    if (parameters.mission_s256 !== undefined) {
      if (parameters.upstream_token !== undefined) {
        throw new RequestError('invalid_request', 'mission_s256 comes with the upstream token, not beside it.');
      }
      throw new RequestError('mission_not_found', 'There is no such mission.', { status: 404 });
    }
    await next();
  };
}
