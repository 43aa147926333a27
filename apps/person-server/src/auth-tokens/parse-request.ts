import type { Step } from '../environment.ts';
import { authTokenSchema, parseParameters, tokenRequestOf } from '../token-requests/parameters.ts';

/** Reads `{resource_token, presented_token, …}` (AAuth Protocol, "Agent Token Request"). 400 `invalid_request`. */
export const parseAuthTokenRequest: Step = async function parseAuthTokenRequest(c, next) {
  const parameters = parseParameters(c, authTokenSchema);
  c.set('tokenRequest', tokenRequestOf(parameters));
  c.set('authTokenParameters', {
    resourceToken: parameters.resource_token,
    presentedToken: parameters.presented_token,
  });
  await next();
};
