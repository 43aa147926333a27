import type { Clock } from '../clock.ts';
import { parseRetryAfter } from '../deferred/retry-after.ts';
import { type AAuthError, DeferredError, type DeferredOutcome, PeerError, UnavailableError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { readPeerProblem } from './peer-problem.ts';

const outcomes: readonly DeferredOutcome[] = ['denied', 'abandoned', 'revoked', 'expired', 'invalid_code', 'gone'];

/**
 * Judges an answer of the agent provider that is not the 200 it should be.
 *
 * @returns DeferredError for a decision about the agent; UnavailableError for 429 and 5xx; PeerError for the rest, with the code of
 *   the problem body or of `Signature-Error`
 */
export async function readProviderError(
  response: Response,
  provider: ServerIdentifier,
  now: Clock,
): Promise<AAuthError> {
  const { status, code, message, cause } = await readPeerProblem(response, provider);
  if (status === 429 || status >= 500) {
    const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now) ?? 1;
    return new UnavailableError(message, { retryAfter, cause });
  }
  const outcome = outcomes.find((name) => name === code);
  if (outcome && status !== 401) return new DeferredError(outcome, message, cause);
  return new PeerError(code ?? 'invalid_response', code ? status : 502, message, { cause });
}

/** The provider could not be reached at all. */
export function unreachable(provider: ServerIdentifier, error: unknown): UnavailableError {
  return new UnavailableError(`${provider} cannot be reached: ${describeFailure(error)}.`, {
    retryAfter: 1,
    cause: error,
  });
}

/** Why a request failed, in a few words: Fetch says "fetch failed", what failed is in the cause. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return describeFailure(cause.errors[0]);
  return cause instanceof Error ? describeFailure(cause) : error.message;
}
