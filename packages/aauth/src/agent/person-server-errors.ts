import type { Clock } from '../clock.ts';
import { parseRetryAfter } from '../deferred/retry-after.ts';
import { PeerError, UnavailableError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { readPeerProblem } from './peer-problem.ts';
import { describeFailure } from './provider-errors.ts';

// 502 and 504 without a code of the protocol are the word of a gateway in front of the server.
const unavailable = [429, 502, 503, 504];

/**
 * Judges an answer of a person server that brings no token.
 *
 * @returns PeerError with its status and code (`invalid_response` and 502 when it has none); UnavailableError when it asks to come back
 */
export async function readPersonServerError(
  response: Response,
  personServer: ServerIdentifier,
  now: Clock,
): Promise<PeerError | UnavailableError> {
  const problem = await readPeerProblem(response, `The Person Server at ${personServer}`);
  const { status, code, message, cause } = problem;
  if (unavailable.includes(status) && code !== 'as_unreachable') {
    const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now);
    return new UnavailableError(message, { retryAfter, cause });
  }
  return new PeerError(code ?? 'invalid_response', code ? status : 502, message, { cause });
}

/** The person server could not be asked at all. */
export function unreachablePersonServer(personServer: ServerIdentifier, error: unknown): UnavailableError {
  const reason = describeFailure(error).replace(/\.$/, '');
  const detail = `The Person Server at ${personServer} cannot be reached: ${reason}.`;
  const retryAfter = error instanceof UnavailableError ? error.retryAfter : undefined;
  return new UnavailableError(detail, { retryAfter, cause: error });
}
