import { UnavailableError } from '@aauth-stack/aauth/errors';
import { toProblem } from '@aauth-stack/aauth/problem';
import type { Logger } from '@aauth-stack/service/logger';
import { deniedResponse } from './answers.ts';
import type { CheckResponse } from './wire/check-response.ts';

export interface LimitOptions {
  /** Milliseconds that a check may take. */
  readonly timeout: number;
  /** How many checks may be under way. */
  readonly concurrency: number;
  readonly log: Logger;
}

/** The part of the gateway's time for us to answer in, so that it still gets the answer. */
const share = 0.8;

/**
 * Bounds how many checks are under way and how long each takes. Beyond either the client is told to come again: to a gateway
 * that gets no answer, every reason is the same, and its client is told 403.
 *
 * @returns what runs a check; `deadline` is when the gateway stops waiting, in milliseconds since the epoch
 */
export function createLimits({ timeout, concurrency, log }: LimitOptions) {
  let underWay = 0;

  return async function limited(check: () => Promise<CheckResponse>, deadline: number): Promise<CheckResponse> {
    if (underWay >= concurrency) {
      log.warn({ concurrency }, 'a check is refused: too many are under way');
      return unavailable('Too many requests are being checked.', 1);
    }
    underWay++;
    const finished = check().finally(() => {
      underWay--;
    });
    const milliseconds = Math.max(0, Math.min(timeout, (deadline - Date.now()) * share));
    const { promise: tooLate, resolve } = Promise.withResolvers<CheckResponse>();
    const timer = setTimeout(() => {
      log.warn({ timeout_ms: Math.round(milliseconds) }, 'a check takes too long and is answered before it has ended');
      resolve(unavailable('The request could not be checked in time.', 5));
    }, milliseconds);
    try {
      return await Promise.race([finished, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function unavailable(detail: string, retryAfter: number): CheckResponse {
  return deniedResponse(toProblem(new UnavailableError(detail, { retryAfter })));
}
