const maxBackoffSeconds = 60;

/** Seconds to wait after this many attempts: 1, 2, 4 … 60. */
export function backoff(attempts: number): number {
  return Math.min(maxBackoffSeconds, 2 ** Math.min(attempts - 1, 10));
}
