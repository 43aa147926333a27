import { ownProviderRoutes } from '@aauth-stack/a2a/identities';
import { type InteractionRelay, interactionRoutes } from '@aauth-stack/a2a/interaction';
import { a2aApp, type Execute } from '@aauth-stack/a2a/server';
import type { AgentStatus, SelfIssuedSession } from '@aauth-stack/aauth/agent';
import { RequestError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import { problemResponse } from '@aauth-stack/aauth/problem';
import type { HeldCalls } from '@aauth-stack/aauth/resource';
import { healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import { createCards } from './card.ts';

export interface AppOptions {
  execute: Execute;
  /** This agent's identifier: where others call it, through the proxy. */
  identifier: string;
  proxySecret: string;
  /** Where calls are held while people decide. */
  heldCalls: HeldCalls;
  interactions: InteractionRelay;
  /** How the agent stands with its agent provider. */
  enrolment(): AgentStatus;
  /** This agent as its own agent provider. */
  ownProvider: Pick<SelfIssuedSession, 'metadata' | 'jwks'>;
  now(): Date;
  log: Logger;
}

export function createApp(options: AppOptions): Hono {
  const { execute, identifier, proxySecret, heldCalls, interactions, enrolment, ownProvider, now, log } = options;
  const app = new Hono();
  app.use(requestLogger(log));
  app.onError(problemHandler({ log }));
  app.notFound((c) =>
    problemResponse(new RequestError('not_found', `There is no ${c.req.method} ${c.req.path} here.`, { status: 404 })),
  );
  app.route('/', healthRoutes({ readyz: { identity: () => checkEnrolled(enrolment()) } }));
  app.route('/', ownProviderRoutes(ownProvider));
  app.route('/', interactionRoutes(interactions, { identifier }));
  app.route('/', a2aApp({ ...createCards(new URL(identifier).href), proxySecret, execute, heldCalls, log, now }));
  return app;
}

function checkEnrolled({ state, detail }: AgentStatus): void {
  if (state !== 'enrolled') throw new Error(detail);
}
