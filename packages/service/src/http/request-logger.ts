import { setHttpRoute } from '@aauth-stack/telemetry';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from '../logger.ts';
import { isHealthPath } from './health.ts';

export interface RequestLoggerOptions {
  /** Paths of requests that are so many that only those which fail are worth a line; the others are logged at `debug`. */
  quiet?: readonly string[];
}

/**
 * Logs one line a request, with method, path (never the query, which may carry a code), status and milliseconds until
 * the response's headers; health checks are not logged. It also tells the request's span which route matched, so that
 * the span is called `METHOD route`.
 */
export function requestLogger(log: Logger, { quiet = [] }: RequestLoggerOptions = {}): MiddlewareHandler {
  return async function logRequest(c, next) {
    const started = performance.now();
    await next();
    setHttpRoute(routePath(c, -1));
    const { method, path } = c.req;
    if (isHealthPath(path)) return;
    const { status } = c.res;
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const usual = quiet.includes(path) && status < 400 ? 'debug' : 'info';
    log[status >= 500 ? 'error' : usual]({ method, path, status, ms }, `${method} ${path} ${status}`);
  };
}
