import { A2A_VERSION_HEADER, AgentCard } from '@a2a-js/sdk';
import { ServerCallContext } from '@a2a-js/sdk/server';
import { AAuthError, PolicyError, RequestError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';
import {
  capabilitiesHeader,
  type ForwardedPrincipal,
  type HeldCalls,
  parseCapabilities,
  parseForwardedHeaders,
} from '@aauth-stack/aauth/resource';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { toLegacyCard } from './card.ts';
import { createDeferral } from './deferral.ts';
import { type CallFacts, createExecutor, type Execute } from './executor.ts';
import { createJsonRpc, isLegacy, requestedVersion } from './json-rpc.ts';
import { limitBody } from './limit-body.ts';
import { ReplyingRequestHandler } from './request-handler.ts';
import { ownerOf } from './requester.ts';
import { RecentTaskStore } from './task-store.ts';

/** What this package tells the service's log. A pino logger is one. */
export interface A2ALog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface A2AAppOptions {
  /** For everybody. */
  card: AgentCard;
  /** For callers who are known. */
  extendedCard: AgentCard;
  /** What the proxy in front and this agent share; at least 32 characters. */
  proxySecret: string;
  execute: Execute;
  log: A2ALog;
  now(): Date;
  /** How many tasks can at least be asked for later. Default 1000. */
  maxTasks?: number;
  /**
   * Where calls are held whose answer is put off, polled below `/pending/`. Streams then begin when `execute` says that it will not put
   * the answer off, or ends.
   */
  heldCalls?: HeldCalls;
}

interface Identified {
  Variables: { principal: ForwardedPrincipal };
}

const versioned = { vary: A2A_VERSION_HEADER };

/**
 * An A2A agent for JSON-RPC 1.0 and 0.3: `POST /`, the public card at its well-known paths, the extended card at
 * `/agent/authenticatedExtendedCard`, calls that are held below `/pending/`. Everything but the public card is refused with 403
 * unless the proxy, which the shared secret proves, says who sent it.
 */
export function a2aApp(options: A2AAppOptions): Hono {
  const { card, extendedCard, heldCalls, log, now } = options;
  const facts = new WeakMap<ServerCallContext, CallFacts>();
  const executor = createExecutor({
    execute: options.execute,
    factsOf: (context) => known(facts.get(context)),
    onFailure: (error) => log.error({ err: error }, 'the agent could not answer'),
    now,
  });
  const store = new RecentTaskStore(options.maxTasks ?? 1000);
  const provider = async () => extendedCard;
  const handler = new ReplyingRequestHandler(card, store, executor, undefined, undefined, undefined, provider);
  const answer = createJsonRpc(handler);

  const identify: MiddlewareHandler<Identified> = async function identify(c, next) {
    const principal = parseForwardedHeaders(c.req.raw.headers, options.proxySecret);
    if (!principal) {
      log.warn({ method: c.req.method, path: c.req.path }, 'refused a request that did not come verified by the proxy');
      return problemResponse(new PolicyError('denied', `Call this agent at ${publicUrl(card)}, signed.`));
    }
    c.set('principal', principal);
    return next();
  };

  const app = new Hono<Identified>();
  const publicCard = cardRoute(card, 'public, max-age=60');
  app.get('/.well-known/agent-card.json', publicCard);
  app.get('/.well-known/agent.json', publicCard);
  app.get('/agent/authenticatedExtendedCard', identify, cardRoute(extendedCard, 'no-store'));
  app.post('/', identify, requireJson, limitBody, (c) => {
    const principal = c.get('principal');
    const capabilities = parseCapabilities(c.req.header(capabilitiesHeader));
    const deferral = createDeferral(heldCalls, principal);
    const response = answer(c.req.raw, (version) => {
      const user = { isAuthenticated: true, userName: ownerOf(principal) };
      const context = new ServerCallContext({ user, requestedVersion: version });
      facts.set(context, { principal, capabilities, deferral });
      return context;
    });
    return deferral.respond(response);
  });
  if (heldCalls) app.on(['GET', 'DELETE'], '/pending/:id', identify, heldCallRoute(heldCalls));
  return new Hono().route('/', app);
}

function cardRoute(card: AgentCard, cacheControl: string) {
  const legacy = toLegacyCard(card);
  const current = AgentCard.toJSON(card);
  return async (c: Context) => {
    const body = isLegacy(requestedVersion(c.req.raw.headers)) ? await legacy : current;
    return Response.json(body, { headers: { ...versioned, 'cache-control': cacheControl } });
  };
}

function heldCallRoute(heldCalls: HeldCalls) {
  return async (c: Context<Identified, '/pending/:id'>) => {
    try {
      return await heldCalls.answer(c.req.raw, c.req.param('id'), c.get('principal'));
    } catch (error) {
      if (error instanceof AAuthError) return problemResponse(error);
      throw error;
    }
  };
}

const requireJson: MiddlewareHandler = async function requireJson(c, next) {
  const type = c.req.header('content-type') ?? 'missing';
  if (/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) return next();
  const detail = `A call is application/json; Content-Type is ${type}.`;
  return problemResponse(new RequestError('invalid_request', detail, { status: 415 }));
};

function publicUrl(card: AgentCard): string {
  return card.supportedInterfaces[0]?.url ?? 'its public address';
}

function known<T>(facts: T | undefined): T {
  if (facts === undefined) throw new TypeError('A task started without a request.');
  return facts;
}
