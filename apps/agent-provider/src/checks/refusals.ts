import { AAuthError, DeferredError, RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { isUnavailable, isUnstorableText } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { currentSpan, verificationAttributes } from '@aauth-stack/telemetry';
import type { ErrorHandler, NotFoundHandler } from 'hono';
import type { ProviderEnv } from './env.ts';

/** Turns whatever a check or handler throws into its response, and leaves a line in the log and a mark on the span. */
export function refusalHandler(log: Logger): ErrorHandler<ProviderEnv> {
  return function answerError(thrown, c) {
    const { method, path } = c.req;
    const error = isUnstorableText(thrown) ? unstorable(thrown) : thrown;
    if (!(error instanceof AAuthError)) {
      log.error({ err: error, method, path }, `${method} ${path} failed`);
      return problemResponse(isUnavailable(error) ? new UnavailableError('The database cannot be reached.') : error);
    }
    const { code, status, message: detail, cause } = error;
    const level = error instanceof DeferredError ? 'info' : 'warn';
    const reason = cause instanceof Error ? cause.message : cause;
    log[level]({ method, path, code, status, detail, cause: reason }, `refused ${method} ${path}: ${code}`);
    currentSpan()?.setAttributes(verificationAttributes({ result: 'refused', error: code, errorDetail: detail }));
    return problemResponse(error);
  };
}

// A text with NUL, which names nothing: the sender's fault, and not ours.
function unstorable(cause: Error): RequestError {
  return new RequestError('invalid_request', 'A text of the request has a character that is none.', { cause });
}

/** The same for a request that no route matches. */
export function notFound(log: Logger): NotFoundHandler<ProviderEnv> {
  const answerError = refusalHandler(log);
  return function answerNotFound(c) {
    const { method, path } = c.req;
    return answerError(new RequestError('not_found', `There is nothing at ${method} ${path}.`, { status: 404 }), c);
  };
}
