import { problemHandler } from '@aauth-stack/aauth/hono';
import { type HealthChecks, healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { agentRoutes } from './agents/routes.ts';
import { authCallbackRoutes } from './auth-callback/routes.ts';
import { guestRoutes } from './guest/routes.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { type RunRoutesOptions, runRoutes } from './runs/routes.ts';

export interface AppOptions extends RunRoutesOptions {
  allowedOrigins: string[];
  health: HealthChecks;
  log: Logger;
}

/** The backend's routes. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  app.onError(problemHandler({ log: options.log }));
  app.use(requestLogger(options.log));
  app.use(
    cors({
      origin: options.allowedOrigins,
      credentials: true,
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    }),
  );
  app.get('/', (c) => c.json({ message: 'Supply Chain Agent API', version: '1.0.0' }));
  app.get('/health', (c) => c.json({ status: 'healthy', service: 'supply-chain-api' }));
  app.route('/', healthRoutes(options.health));
  app.route('/', guestRoutes());
  app.route('/', openApiRoutes());
  app.route('/', authCallbackRoutes(options.allowedOrigins));
  app.route('/agents', agentRoutes(options.store));
  app.route('/optimization', runRoutes(options));
  app.notFound((c) => {
    const detail = `There is nothing at ${c.req.method} ${c.req.path}. The routes are listed at /docs.`;
    return c.json({ type: 'about:blank', status: 404, error: 'not_found', detail }, 404, {
      'content-type': 'application/problem+json',
    });
  });
  return app;
}
