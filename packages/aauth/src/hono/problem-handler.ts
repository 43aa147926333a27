import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { RequestError } from '../errors.ts';
import { toProblem } from '../problem.ts';

/** Where {@link problemHandler} writes; a pino logger is one. */
export interface ProblemLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Makes the handler for `app.onError`: every error becomes problem+json (RFC 9457), unforeseen ones a 500 that says nothing. What
 * happened goes to the log: refusals as warnings, the rest as errors.
 *
 * @param options.log where what happened is written; absent: nowhere
 * @returns the handler; it throws nothing
 */
export function problemHandler(options: { readonly log?: ProblemLog } = {}): ErrorHandler {
  return function problem(thrown, c) {
    const error = foreseen(thrown);
    const { status, headers, body } = toProblem(error);
    const fields = { err: error, method: c.req.method, path: c.req.path, status };
    if (status >= 500) options.log?.error(fields, 'The request failed.');
    else options.log?.warn(fields, 'The request was refused.');
    if (thrown instanceof HTTPException && thrown.res) return thrown.getResponse();
    return new Response(body, { status, headers });
  };
}

// Hono's own middleware refuses with HTTPException; its text is meant for the client when it is the client's fault.
function foreseen(thrown: unknown): unknown {
  if (!(thrown instanceof HTTPException) || thrown.status >= 500) return thrown;
  return new RequestError('invalid_request', thrown.message || 'The request was refused.', {
    status: thrown.status,
    cause: thrown,
  });
}
