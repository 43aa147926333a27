import { Hono } from 'hono';
import type { AppContext, Environment, Step } from './environment.ts';

/** The checks that stand before the token endpoints. */
export type TokenCheck =
  | 'noStore'
  | 'limitTokenRequest'
  | 'verifyAgent'
  | 'checkSubAgent'
  | 'checkAgent'
  | 'recordAgentToken'
  | 'parsePersonTokenRequest'
  | 'parseAuthTokenRequest'
  | 'loadUpstreamToken'
  | 'loadPerson'
  | 'loadResourceToken'
  | 'checkPersonServer'
  | 'checkAudience'
  | 'checkAgentKey'
  | 'loadPresentedToken'
  | 'checkPresentedToken'
  | 'checkPerson'
  | 'checkScope'
  | 'limitResources'
  | 'askPolicyForPersonToken'
  | 'askPolicyForAuthToken';

type Mark = 0 | 1;

// Columns: /person-token, /auth-token. Rows: checks in order, which decides the code of a request that fails several.
const table: readonly (readonly [Mark, Mark, TokenCheck])[] = [
  [1, 1, 'noStore'],
  [1, 1, 'limitTokenRequest'],
  [1, 1, 'verifyAgent'],
  [1, 1, 'checkSubAgent'],
  [1, 1, 'checkAgent'],
  [1, 1, 'recordAgentToken'],
  [1, 0, 'parsePersonTokenRequest'],
  [0, 1, 'parseAuthTokenRequest'],
  [1, 1, 'loadUpstreamToken'],
  [1, 1, 'loadPerson'],
  [0, 1, 'loadResourceToken'],
  [0, 1, 'checkPersonServer'],
  [0, 1, 'checkAudience'],
  [0, 1, 'checkAgentKey'],
  [0, 1, 'loadPresentedToken'],
  [0, 1, 'checkPresentedToken'],
  [0, 1, 'checkPerson'],
  [0, 1, 'checkScope'],
  [1, 0, 'limitResources'],
  [1, 0, 'askPolicyForPersonToken'],
  [0, 1, 'askPolicyForAuthToken'],
];

export interface TokenEndpointParts {
  checks: Record<TokenCheck, Step>;
  personToken: (c: AppContext) => Promise<Response>;
  authToken: (c: AppContext) => Promise<Response>;
}

/** POST /person-token and POST /auth-token, with the checks before each. */
export function tokenEndpoints({ checks, personToken, authToken }: TokenEndpointParts): Hono<Environment> {
  const before = (column: 0 | 1) => table.filter((row) => row[column] === 1).map((row) => checks[row[2]]);
  const app = new Hono<Environment>();
  app.on('POST', ['/person-token'], ...before(0), personToken);
  app.on('POST', ['/auth-token'], ...before(1), authToken);
  return app;
}
