import { Hono } from 'hono';
import type { AppContext, Environment, Step } from './environment.ts';

/** The checks that stand before the token endpoints. */
type TokenCheck =
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
  | 'verifyPollingAgent';

type Mark = 0 | 1;

// Columns: /person-token, /auth-token, what is sent to the pending URLs of either. Rows: checks in order, which decides the code of a request that fails several.
// A poll of a revoked agent is told how its request ended, so it is not refused before.
const columns = { personToken: 0, authToken: 1, poll: 2 } as const;
const table: readonly (readonly [Mark, Mark, Mark, TokenCheck])[] = [
  [1, 1, 1, 'noStore'],
  [1, 1, 1, 'limitTokenRequest'],
  [1, 1, 0, 'verifyAgent'],
  [0, 0, 1, 'verifyPollingAgent'],
  [1, 1, 0, 'checkSubAgent'],
  [1, 1, 0, 'checkAgent'],
  [1, 1, 1, 'recordAgentToken'],
  [1, 0, 0, 'parsePersonTokenRequest'],
  [0, 1, 0, 'parseAuthTokenRequest'],
  [1, 1, 0, 'loadUpstreamToken'],
  [1, 1, 0, 'loadPerson'],
  [0, 1, 0, 'loadResourceToken'],
  [0, 1, 0, 'checkPersonServer'],
  [0, 1, 0, 'checkAudience'],
  [0, 1, 0, 'checkAgentKey'],
  [0, 1, 0, 'loadPresentedToken'],
  [0, 1, 0, 'checkPresentedToken'],
  [0, 1, 0, 'checkPerson'],
  [0, 1, 0, 'checkScope'],
  [1, 0, 0, 'limitResources'],
];

type TokenHandler = (c: AppContext) => Promise<Response>;

export interface TokenEndpointParts {
  checks: Record<TokenCheck, Step>;
  personToken: TokenHandler;
  authToken: TokenHandler;
  pollPending: TokenHandler;
  answerQuestion: TokenHandler;
  cancelRequest: TokenHandler;
}

/** POST /person-token and POST /auth-token, and where their deferred responses are polled, with the checks before each. */
export function tokenEndpoints(parts: TokenEndpointParts): Hono<Environment> {
  const before = (column: keyof typeof columns) =>
    table.filter((row) => row[columns[column]] === 1).map((row) => parts.checks[row[3]]);
  const app = new Hono<Environment>();
  app.on('POST', ['/person-token'], ...before('personToken'), parts.personToken);
  app.on('POST', ['/auth-token'], ...before('authToken'), parts.authToken);
  app.on('GET', ['/pending/:id'], ...before('poll'), parts.pollPending);
  app.on('POST', ['/pending/:id'], ...before('poll'), parts.answerQuestion);
  app.on('DELETE', ['/pending/:id'], ...before('poll'), parts.cancelRequest);
  return app;
}
