import { RequestError } from '@aauth-stack/aauth/errors';
import { bodyLimit } from 'hono/body-limit';
import type { Step } from './environment.ts';

/** Refuses a body larger than anything that is sent there for a reason. */
function limitBodyTo(maxBytes: number): Step {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new RequestError('invalid_request', `The body is larger than ${maxBytes} bytes.`, { status: 413 });
    },
  });
}

export const limitBody = limitBodyTo(16 * 1024);

/** Room for three tokens of the greatest length and what goes with them. */
export const limitTokenRequest = limitBodyTo(64 * 1024);
