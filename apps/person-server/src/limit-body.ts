import { RequestError } from '@aauth-stack/aauth/errors';
import { limitBody as limitBodyTo } from '@aauth-stack/service/http';
import type { Step } from './environment.ts';

/** Refuses a body larger than anything that is sent there for a reason. */
function limited(maxBytes: number): Step {
  const detail = `The body is larger than ${maxBytes} bytes.`;
  return limitBodyTo({ maxBytes, tooLarge: () => new RequestError('invalid_request', detail, { status: 413 }) });
}

export const limitBody = limited(16 * 1024);

/** Room for three tokens of the greatest length and what goes with them. */
export const limitTokenRequest = limited(64 * 1024);
