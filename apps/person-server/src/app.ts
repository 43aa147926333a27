import { RequestError } from '@aauth-stack/aauth/errors';
import { type HealthChecks, healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Handler, Hono } from 'hono';
import type { Environment, Step } from './environment.ts';
import { answerError } from './refusals.ts';
import { type TokenEndpointParts, tokenEndpoints } from './token-endpoints.ts';

/** The checks that stand before the endpoints for people and for servers. */
type StepName =
  | 'noStore'
  | 'pageErrors'
  | 'ownAddress'
  | 'limitBody'
  | 'loadSession'
  | 'checkSession'
  | 'checkOrigin'
  | 'checkCsrfToken'
  | 'verifyAgentProvider'
  | 'verifyOperator';

type EndpointHandler = Handler<Environment>;

/** What answers at the endpoints. */
type HandlerName =
  | 'metadata'
  | 'jwks'
  | 'revocation'
  | 'assets'
  | 'listRegistrations'
  | 'approveRegistration'
  | 'denyRegistration'
  | 'listBindings'
  | 'revokeBinding'
  | 'listTrusted'
  | 'addTrusted'
  | 'removeTrusted'
  | 'listIssuedTokens'
  | 'revokeIssuedToken'
  | 'listDecisions'
  | 'listRequests'
  | 'openByCode'
  | 'returnFromResource'
  | 'listConsents'
  | 'withdrawConsent'
  | 'showRequest'
  | 'decideRequest'
  | 'changes'
  | 'page'
  | 'signIn'
  | 'signOut'
  | 'approveForm'
  | 'denyForm'
  | 'revokeForm'
  | 'revokeTokenForm'
  | 'trustForm'
  | 'distrustForm'
  | 'receiveEvent'
  | 'rotateKey';

export interface AppParts {
  log: Logger;
  securityHeaders: Step;
  steps: Record<StepName, Step>;
  handlers: Record<HandlerName, EndpointHandler>;
  tokens: TokenEndpointParts;
  health: HealthChecks;
}

type Mark = 0 | 1;

// Columns: JSON for the person (read, change), the page (show, enter, form), servers: events of the Agent Provider, revocations
// (whose handler verifies who sends them), the operator. Rows: steps in order.
const columns = { read: 0, change: 1, show: 2, enter: 3, form: 4, event: 5, revocation: 6, operator: 7 } as const;
type Marks = readonly [Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark, StepName];
const table: readonly Marks[] = [
  [1, 1, 1, 1, 1, 1, 1, 1, 'noStore'],
  [0, 0, 1, 1, 1, 0, 0, 0, 'pageErrors'],
  [0, 0, 1, 0, 0, 0, 0, 0, 'ownAddress'],
  [0, 1, 0, 1, 1, 1, 1, 1, 'limitBody'],
  [1, 1, 1, 1, 1, 0, 0, 0, 'loadSession'],
  [1, 1, 0, 0, 1, 0, 0, 0, 'checkSession'],
  [0, 1, 0, 1, 1, 0, 0, 0, 'checkOrigin'],
  [0, 1, 0, 0, 1, 0, 0, 0, 'checkCsrfToken'],
  [0, 0, 0, 0, 0, 1, 0, 0, 'verifyAgentProvider'],
  [0, 0, 0, 0, 0, 0, 0, 1, 'verifyOperator'],
];

const endpoints: readonly [keyof typeof columns, 'GET' | 'POST' | 'DELETE', string, HandlerName][] = [
  ['read', 'GET', '/person/registrations', 'listRegistrations'],
  ['change', 'POST', '/person/registrations/:id/approve', 'approveRegistration'],
  ['change', 'POST', '/person/registrations/:id/deny', 'denyRegistration'],
  ['read', 'GET', '/person/bindings', 'listBindings'],
  ['change', 'POST', '/person/bindings/:agent_id/revoke', 'revokeBinding'],
  ['read', 'GET', '/person/trusted-agent-servers', 'listTrusted'],
  ['change', 'POST', '/person/trusted-agent-servers', 'addTrusted'],
  ['change', 'DELETE', '/person/trusted-agent-servers', 'removeTrusted'],
  ['read', 'GET', '/person/issued-tokens', 'listIssuedTokens'],
  ['change', 'POST', '/person/issued-tokens/:jti/revoke', 'revokeIssuedToken'],
  ['read', 'GET', '/person/decisions', 'listDecisions'],
  ['read', 'GET', '/person/requests', 'listRequests'],
  ['read', 'GET', '/person/consents', 'listConsents'],
  ['change', 'POST', '/person/consents/:id/withdraw', 'withdrawConsent'],
  ['read', 'GET', '/consent', 'openByCode'],
  ['read', 'GET', '/consent/:id', 'showRequest'],
  ['show', 'GET', '/consent/:id/return', 'returnFromResource'],
  ['change', 'POST', '/consent/:id/decision', 'decideRequest'],
  ['show', 'GET', '/ui', 'page'],
  ['read', 'GET', '/ui/changes', 'changes'],
  ['enter', 'POST', '/ui/sign-in', 'signIn'],
  ['form', 'POST', '/ui/sign-out', 'signOut'],
  ['form', 'POST', '/ui/registrations/:id/approve', 'approveForm'],
  ['form', 'POST', '/ui/registrations/:id/deny', 'denyForm'],
  ['form', 'POST', '/ui/agents/:agent_id/revoke', 'revokeForm'],
  ['form', 'POST', '/ui/tokens/:jti/revoke', 'revokeTokenForm'],
  ['form', 'POST', '/ui/agent-providers/trust', 'trustForm'],
  ['form', 'POST', '/ui/agent-providers/distrust', 'distrustForm'],
  ['event', 'POST', '/agent-provider/events', 'receiveEvent'],
  ['revocation', 'POST', '/revoke', 'revocation'],
  ['operator', 'POST', '/operator/keys/rotate', 'rotateKey'],
];

/** The server's HTTP interface: every route, and the steps before each. */
export function createApp({ log, securityHeaders, steps, handlers, tokens, health }: AppParts): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use(requestLogger(log));
  app.use(securityHeaders);
  app.route('/', healthRoutes(health));

  app.get('/.well-known/aauth-person.json', handlers.metadata);
  app.get('/.well-known/jwks.json', handlers.jwks);
  app.route('/', tokenEndpoints(tokens));

  app.get('/', (c) => c.redirect('/ui'));
  app.get('/ui/', (c) => c.redirect('/ui'));
  app.get('/ui/sign-in', (c) => c.redirect('/ui'));
  app.get('/ui/assets/:file', handlers.assets);

  for (const [column, method, path, handler] of endpoints) {
    const before = table.filter((row) => row[columns[column]] === 1).map((row) => steps[row[8]]);
    app.on(method, [path], ...before, handlers[handler]);
  }

  const refuse = answerError(log);
  // Returned, not thrown: what is thrown here would pass by the middleware above.
  app.notFound((c) => {
    const detail = `There is nothing at ${c.req.method} ${c.req.path}.`;
    return refuse(new RequestError('not_found', detail, { status: 404 }), c);
  });
  app.onError(refuse);
  return app;
}
