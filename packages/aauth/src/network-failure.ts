/**
 * Whether a `fetch` failed because the peer could not be reached in time: Fetch reports every network failure as a `TypeError`, and
 * `AbortSignal.timeout` aborts with a `TimeoutError`.
 */
export function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}
