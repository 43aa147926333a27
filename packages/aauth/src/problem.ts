import { AAuthError } from './errors.ts';

/** A refusal, ready for any HTTP server to send. */
export interface ProblemResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

/**
 * Maps an error to its `application/problem+json` response (RFC 9457). Anything that is not an {@link AAuthError}
 * becomes a 500 `server_error` with a fixed phrase: nothing unforeseen leaves the process.
 * Never throws.
 *
 * @param error what was thrown
 * @param extraHeaders headers to add, for instance `aauth-requirement`; lower-case names
 * @returns status, headers and body, to be sent as they are
 */
export function toProblem(error: unknown, extraHeaders: Readonly<Record<string, string>> = {}): ProblemResponse {
  if (!(error instanceof AAuthError)) {
    return problem(
      500,
      'about:blank',
      'server_error',
      'Something failed here. The log has the reason.',
      {},
      extraHeaders,
    );
  }
  const headers = { ...error.headers, ...extraHeaders };
  return problem(error.status, error.type, error.code, error.message, error.members, headers);
}

/**
 * {@link toProblem} as a Fetch `Response`.
 * RFC 9457. Never throws.
 *
 * @param error what was thrown
 * @param extraHeaders headers to add; lower-case names
 * @returns a response of its own for each call
 */
export function problemResponse(error: unknown, extraHeaders: Readonly<Record<string, string>> = {}): Response {
  const { status, headers, body } = toProblem(error, extraHeaders);
  return new Response(body, { status, headers });
}

function problem(
  status: number,
  type: string,
  code: string,
  detail: string,
  members: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): ProblemResponse {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ ...members, type, status, error: code, detail }),
  };
}
