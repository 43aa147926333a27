import type { HealthCheck } from '@aauth-stack/service/http';
import { healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Handler, Hono, type MiddlewareHandler } from 'hono';
import type { ProviderEnv } from './checks/env.ts';
import { notFound, refusalHandler } from './checks/refusals.ts';

type Check = MiddlewareHandler<ProviderEnv>;

/** What `agent-provider.ts` builds and this file puts together. */
export interface AppParts {
  log: Logger;
  checks: Record<
    'limitBody' | 'verifyBothKeys' | 'verifyPersonServer' | 'verifyOperator' | 'refuseReplay' | 'refuseReplayedChange',
    Check
  >;
  handlers: Record<'metadata' | 'jwks' | 'register' | 'refresh' | 'rotate', Handler<ProviderEnv>> & {
    poll: Handler<ProviderEnv, '/register/pending/:id'>;
  };
  registrations: Hono<ProviderEnv>;
  bindings: Hono<ProviderEnv>;
  health: { healthz: Record<string, HealthCheck>; readyz: Record<string, HealthCheck> };
}

const [R, P, F] = ['/register', '/register/pending/:id', '/refresh'] as const;
const [S, O] = ['/person/*', '/operator/*'] as const;
const _ = undefined;

/** The provider's HTTP interface: which checks stand before which endpoint, in order, and which handler behind them. */
export function createApp({ log, checks, handlers, registrations, bindings, health }: AppParts): Hono<ProviderEnv> {
  const app = new Hono<ProviderEnv>();
  app.use(requestLogger(log));
  app.route('/', healthRoutes(health));
  app.get('/.well-known/aauth-agent.json', handlers.metadata);
  app.get('/.well-known/jwks.json', handlers.jwks);

  const use = (paths: readonly (string | undefined)[], check: Check) => {
    for (const path of paths) if (path) app.use(path, check);
  };
  // register, poll, refresh, the person's API (S: its caller is the Person Server), operator
  use([R, P, F, S, O], checks.limitBody);
  use([R, P, F, _, _], checks.verifyBothKeys);
  use([_, _, _, S, _], checks.verifyPersonServer);
  use([R, P, F, _, _], checks.refuseReplay);
  use([_, _, _, S, _], checks.refuseReplayedChange);
  use([_, _, _, _, O], checks.verifyOperator);

  app.post(R, handlers.register);
  app.get(P, handlers.poll);
  app.post(F, handlers.refresh);
  app.route('/person/registrations', registrations);
  app.route('/person/bindings', bindings);
  app.post('/operator/keys/rotate', handlers.rotate);

  app.notFound(notFound(log));
  app.onError(refusalHandler(log));
  return app;
}
