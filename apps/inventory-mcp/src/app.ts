import { PolicyError, RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { type ForwardedPrincipal, parseForwardedHeaders } from '@aauth-stack/aauth/resource';
import { isUnavailable, isUnstorableText } from '@aauth-stack/service/database';
import { type HealthChecks, healthRoutes, limitBody, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';

export interface AppOptions {
  /** Answers at the MCP endpoint. */
  answer(request: Request, caller: ForwardedPrincipal): Promise<Response>;
  /** This server's identifier: where others call it, through the proxy. */
  identifier: string;
  proxySecret: string;
  health: HealthChecks;
  log: Logger;
}

const path = '/mcp';
const maxBytes = 256 * 1024;

export function createApp({ answer, identifier, proxySecret, health, log }: AppOptions): Hono {
  const app = new Hono();
  app.use(requestLogger(log));
  const answerError = problemHandler({ log });
  app.onError((thrown, c) => {
    if (isUnavailable(thrown)) {
      return answerError(new UnavailableError('The database of the inventory is not answering.', { cause: thrown }), c);
    }
    if (!isUnstorableText(thrown)) return answerError(thrown, c);
    return answerError(new RequestError('invalid_request', 'A text of the request has a character that is none.'), c);
  });
  app.notFound((c) =>
    problemResponse(new RequestError('not_found', `There is no ${c.req.method} ${c.req.path} here.`, { status: 404 })),
  );
  app.route('/', healthRoutes(health));
  const tooLarge = () =>
    new RequestError('invalid_request', `A message has at most ${maxBytes} bytes.`, { status: 413 });
  app.on(['GET', 'POST', 'DELETE'], path, limitBody({ maxBytes, tooLarge }), (c) => {
    const caller = parseForwardedHeaders(c.req.raw.headers, proxySecret);
    if (caller) return answer(c.req.raw, caller);
    log.warn({ method: c.req.method }, 'refused a request that did not come verified by the proxy');
    throw new PolicyError('denied', `Call this server at ${identifier}${path}, signed.`);
  });
  return app;
}
