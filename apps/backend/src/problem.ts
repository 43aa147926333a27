import { type AAuthError, RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { isUnavailable, isUnstorableText } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import type { ErrorHandler } from 'hono';

/** Turns whatever a route throws into its response: 503 with `Retry-After` while the database does not answer, 400
 * for a text that it cannot hold. */
export function answerError(log: Logger): ErrorHandler {
  const answer = problemHandler({ log });
  return (thrown, c) => {
    if (isUnavailable(thrown)) {
      return answer(new UnavailableError('The database of the backend is not answering.', { cause: thrown }), c);
    }
    if (!isUnstorableText(thrown)) return answer(thrown, c);
    return answer(new RequestError('invalid_request', 'A text of the request has a character that is none.'), c);
  };
}

/** 404 for what is not there, or is somebody else's. */
export function notFound(detail: string): Response {
  return problemResponse(new RequestError('not_found', detail, { status: 404 }));
}

/** 409 for what cannot be done as things stand. */
export function conflict(code: string, detail: string): AAuthError {
  return new RequestError(code, detail, { status: 409 });
}
