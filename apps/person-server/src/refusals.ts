import { AAuthError, RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { isUnavailable, isUnstorableText } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { currentSpan, verificationAttributes } from '@aauth-stack/telemetry';
import type { ErrorHandler } from 'hono';
import type { Environment } from './environment.ts';

/** Turns whatever a step or a handler throws into its response, and leaves a line in the log and a mark on the span. */
export function answerError(log: Logger): ErrorHandler<Environment> {
  return function answerError(thrown, c) {
    const { method, path } = c.req;
    const error = explained(thrown);
    if (!(error instanceof AAuthError)) {
      log.error({ err: error, method, path }, `${method} ${path} failed`);
      return problemResponse(error);
    }
    const { code, status, message: detail, cause } = error;
    log[status >= 500 ? 'error' : 'warn'](
      { method, path, code, status, detail, ...(cause instanceof Error ? { err: cause } : { cause }) },
      `refused ${method} ${path}: ${code}`,
    );
    currentSpan()?.setAttributes(verificationAttributes({ result: 'refused', error: code, errorDetail: detail }));
    return problemResponse(error);
  };
}

function explained(thrown: unknown): unknown {
  if (isUnavailable(thrown)) {
    return new UnavailableError('The database of the Person Server is not answering.', { cause: thrown });
  }
  if (!isUnstorableText(thrown)) return thrown;
  // Without its cause, which quotes the query.
  return new RequestError('invalid_request', 'A text of the request has a character that is none, such as NUL.');
}
