import { RequestError } from '@aauth-stack/aauth/errors';
import { type HealthChecks, healthRoutes, limitBody, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { agentRoutes } from './agents/routes.ts';
import { authCallbackRoutes } from './auth-callback/routes.ts';
import { type ConnectionOptions, connectionRoutes } from './connection/routes.ts';
import { type ReceiverOptions, spanReceiver } from './flow/receiver.ts';
import { type FlowRoutesOptions, flowRoutes } from './flow/routes.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { answerError, notFound } from './problem.ts';
import { type EventRoutesOptions, eventRoutes } from './runs/event-routes.ts';
import { historyRoutes } from './runs/history-routes.ts';
import { type RunRoutesOptions, runRoutes } from './runs/routes.ts';
import { type SettingsOptions, settingsRoutes } from './settings/routes.ts';
import { userRoutes } from './sign-in/routes.ts';
import { type SignedIn, signIn } from './sign-in/sign-in.ts';
import type { VerifyBearer } from './sign-in/verify-bearer.ts';

export interface AppOptions extends RunRoutesOptions, EventRoutesOptions, ConnectionOptions {
  allowedOrigins: string[];
  health: HealthChecks;
  settings: SettingsOptions;
  flow: FlowRoutesOptions;
  receiver: ReceiverOptions;
  /** Absent where nobody has to sign in. */
  verifyBearer: VerifyBearer | undefined;
  log: Logger;
}

const maxBodyBytes = 128 * 1024;

/** The backend's routes. */
export function createApp(options: AppOptions): Hono {
  const { store, log } = options;
  const app = new Hono();
  app.onError(answerError(log));
  // Every service delivers its spans several times in a second of a run.
  app.use(requestLogger(log, { quiet: ['/otlp/v1/traces'] }));
  app.use(
    cors({
      origin: options.allowedOrigins,
      allowMethods: ['GET', 'POST', 'DELETE'],
      exposeHeaders: ['www-authenticate', 'retry-after'],
      maxAge: 600,
    }),
  );
  app.get('/', (c) => c.json({ message: 'Supply Chain Agent API', version: '1.0.0' }));
  app.get('/health', (c) => c.json({ status: 'healthy', service: 'supply-chain-api' }));
  app.route('/', healthRoutes(options.health));
  app.route('/', openApiRoutes());
  app.route('/', authCallbackRoutes(options.allowedOrigins));
  app.route('/', settingsRoutes(options.settings));
  app.route('/', spanReceiver(options.receiver));

  const own = new Hono<SignedIn>();
  const signedIn = signIn(options.verifyBearer);
  for (const path of ['/auth/*', '/agents/*', '/optimization/*', '/flows/*'])
    own.use(path, signedIn, limitBody({ maxBytes: maxBodyBytes, tooLarge }));
  own.route('/auth', userRoutes());
  own.route('/agents', agentRoutes(store));
  own.route('/optimization', runRoutes(options));
  own.route('/optimization', eventRoutes(options));
  own.route('/optimization', historyRoutes(store));
  own.route('/optimization', connectionRoutes(options));
  own.route('/flows', flowRoutes(options.flow));
  app.route('/', own);

  app.notFound((c) => notFound(`There is nothing at ${c.req.method} ${c.req.path}. The routes are listed at /docs.`));
  return app;
}

function tooLarge(): Error {
  return new RequestError('invalid_request', `A body has at most ${maxBodyBytes} bytes.`, { status: 413 });
}
