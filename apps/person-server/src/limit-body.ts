import { RequestError } from '@aauth-stack/aauth/errors';
import { bodyLimit } from 'hono/body-limit';
import type { Step } from './environment.ts';

const maxBytes = 16 * 1024;

/** Refuses a body larger than anything that is sent here for a reason. */
export const limitBody: Step = bodyLimit({
  maxSize: maxBytes,
  onError: () => {
    throw new RequestError('invalid_request', `The body is larger than ${maxBytes} bytes.`, { status: 413 });
  },
});
