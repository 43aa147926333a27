import { DeferredError, UnavailableError } from '../errors.ts';

/** What a session makes of an exchange with the agent provider that brought no token. */
export interface Setback {
  readonly state: 'denied' | 'retrying';
  /** Seconds until the next attempt. */
  readonly pause: number;
  /** Whether the next attempt has to begin with `register`. */
  readonly startOver: boolean;
  readonly level: 'warn' | 'error';
}

const firstBackoff = 1;
const longestBackoff = 60;
// Asking again means asking the person again.
const denialPause = 5 * 60;
const denials = ['denied', 'abandoned', 'revoked'];

/**
 * @param error what the exchange threw
 * @param failures how many attempts failed before, since the last success
 * @param wasEnrolled whether it was a renewal
 */
export function judgeSetback(error: unknown, failures: number, wasEnrolled: boolean): Setback {
  const backoff = Math.min(firstBackoff * 2 ** failures, longestBackoff);
  if (error instanceof UnavailableError) {
    return { state: 'retrying', pause: Math.max(backoff, error.retryAfter), startOver: !wasEnrolled, level: 'warn' };
  }
  const isDecision = error instanceof DeferredError;
  // A provider that denies a renewal has no such agent; registering tells whether it would take one.
  const isDenial = isDecision && denials.includes(error.code) && !(wasEnrolled && error.code !== 'revoked');
  if (isDenial) return { state: 'denied', pause: denialPause, startOver: true, level: 'warn' };
  return { state: 'retrying', pause: backoff, startOver: true, level: isDecision ? 'warn' : 'error' };
}
