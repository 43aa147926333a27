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
  | 'limitBody'
  | 'loadSession'
  | 'checkSession'
  | 'checkOrigin'
  | 'checkCsrfToken'
  | 'verifyAgentProvider'
  | 'verifyOperator';

type EndpointHandler = Handler<Environment>;

/** What serves the portal's own files. */
interface PortalParts {
  ownAddress: Step;
  keepOpener: Step;
  page: EndpointHandler;
  asset: EndpointHandler;
}

/** What answers at the endpoints. */
type HandlerName =
  | 'metadata'
  | 'jwks'
  | 'revocation'
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
  | 'listRequests'
  | 'openByCode'
  | 'returnFromResource'
  | 'listConsents'
  | 'withdrawConsent'
  | 'showRequest'
  | 'decideRequest'
  | 'listActivity'
  | 'getSettings'
  | 'changeSettings'
  | 'listResources'
  | 'serverInfo'
  | 'getSession'
  | 'signIn'
  | 'signOut'
  | 'listSessions'
  | 'endSession'
  | 'endSessions'
  | 'changes'
  | 'events'
  | 'receiveEvent'
  | 'rotateKey';

export interface AppParts {
  log: Logger;
  securityHeaders: Step;
  portal: PortalParts;
  steps: Record<StepName, Step>;
  handlers: Record<HandlerName, EndpointHandler>;
  tokens: TokenEndpointParts;
  health: HealthChecks;
}

type Mark = 0 | 1;

// Columns: what the person's pages and scripts read and change, what anybody may ask who may be the person (session), signing in
// (enter); servers: events of the Agent Provider, revocations (whose handler verifies who sends them), the operator. Rows: steps in
// order.
const columns = { read: 0, change: 1, session: 2, enter: 3, event: 4, revocation: 5, operator: 6 } as const;
type Marks = readonly [Mark, Mark, Mark, Mark, Mark, Mark, Mark, StepName];
const table: readonly Marks[] = [
  [1, 1, 1, 1, 1, 1, 1, 'noStore'],
  [0, 1, 0, 1, 1, 1, 1, 'limitBody'],
  [1, 1, 1, 0, 0, 0, 0, 'loadSession'],
  [1, 1, 0, 0, 0, 0, 0, 'checkSession'],
  [0, 1, 0, 1, 0, 0, 0, 'checkOrigin'],
  [0, 1, 0, 0, 0, 0, 0, 'checkCsrfToken'],
  [0, 0, 0, 0, 1, 0, 0, 'verifyAgentProvider'],
  [0, 0, 0, 0, 0, 0, 1, 'verifyOperator'],
];

const endpoints: readonly [keyof typeof columns, 'GET' | 'POST' | 'PATCH' | 'DELETE', string, HandlerName][] = [
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
  ['read', 'GET', '/person/requests', 'listRequests'],
  ['read', 'GET', '/person/consents', 'listConsents'],
  ['change', 'POST', '/person/consents/:id/withdraw', 'withdrawConsent'],
  ['read', 'GET', '/consent', 'openByCode'],
  ['read', 'GET', '/consent/:id', 'showRequest'],
  ['session', 'GET', '/consent/:id/return', 'returnFromResource'],
  ['change', 'POST', '/consent/:id/decision', 'decideRequest'],
  ['read', 'GET', '/person/activity', 'listActivity'],
  ['read', 'GET', '/person/settings', 'getSettings'],
  ['change', 'PATCH', '/person/settings', 'changeSettings'],
  ['read', 'GET', '/person/resources', 'listResources'],
  ['read', 'GET', '/person/server', 'serverInfo'],
  ['session', 'GET', '/person/session', 'getSession'],
  ['enter', 'POST', '/person/session', 'signIn'],
  ['change', 'DELETE', '/person/session', 'signOut'],
  ['read', 'GET', '/person/sessions', 'listSessions'],
  ['change', 'DELETE', '/person/sessions/:id', 'endSession'],
  ['change', 'POST', '/person/sessions/end', 'endSessions'],
  ['read', 'GET', '/ui/changes', 'changes'],
  ['read', 'GET', '/ui/events', 'events'],
  ['event', 'POST', '/agent-provider/events', 'receiveEvent'],
  ['revocation', 'POST', '/revoke', 'revocation'],
  ['operator', 'POST', '/operator/keys/rotate', 'rotateKey'],
];

/** The server's HTTP interface: every route, and the steps before each. */
export function createApp({
  log,
  securityHeaders,
  portal,
  steps,
  handlers,
  tokens,
  health,
}: AppParts): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use(requestLogger(log));
  app.use(securityHeaders);
  app.route('/', healthRoutes(health));

  app.get('/.well-known/aauth-person.json', handlers.metadata);
  app.get('/.well-known/jwks.json', handlers.jwks);
  app.route('/', tokenEndpoints(tokens));

  for (const [column, method, path, handler] of endpoints) {
    const before = table.filter((row) => row[columns[column]] === 1).map((row) => steps[row[7]]);
    app.on(method, [path], ...before, handlers[handler]);
  }
  app.route('/', portalEndpoints(portal));

  const refuse = answerError(log);
  // Returned, not thrown: what is thrown here would pass by the middleware above.
  app.notFound((c) => {
    const detail = `There is nothing at ${c.req.method} ${c.req.path}.`;
    return refuse(new RequestError('not_found', detail, { status: 404 }), c);
  });
  app.onError(refuse);
  return app;
}

// After /ui/changes and /ui/events, which are no pages.
function portalEndpoints({ ownAddress, keepOpener, page, asset }: PortalParts): Hono<Environment> {
  return new Hono<Environment>()
    .get('/', (c) => c.redirect('/ui'))
    .get('/ui/', (c) => c.redirect('/ui'))
    .get('/ui/consent.html', (c) => c.redirect(`/ui/consent${new URL(c.req.url).search}`))
    .get('/ui/assets/:file', asset)
    .get('/ui/consent', ownAddress, keepOpener, page)
    .get('/ui', ownAddress, page)
    .get('/ui/:page', ownAddress, page);
}
