import { usageFailure } from './failure.ts';

/**
 * A number of seconds from the command line.
 *
 * @throws CommandFailure when it is none
 */
export function parseSeconds(text: string, option: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw usageFailure(`${option} takes a number of seconds, more than 0; "${text}" is none.`);
}

/** A signal that is aborted with the command, or when the time that an option allows is over. */
export function timeLimit(signal: AbortSignal, text: string | undefined, option: string): AbortSignal {
  if (text === undefined) return signal;
  const milliseconds = Math.min(parseSeconds(text, option) * 1000, 2 ** 31 - 1);
  // The timer holds on to the signal; a combination of signals that nobody holds is collected, and then never aborted.
  const limited = new AbortController();
  const reason = new DOMException('The time for it is over.', 'TimeoutError');
  setTimeout(() => limited.abort(reason), milliseconds).unref();
  signal.addEventListener('abort', () => limited.abort(signal.reason), { once: true });
  if (signal.aborted) limited.abort(signal.reason);
  return limited.signal;
}
