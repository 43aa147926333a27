import { RequestError } from '@aauth-stack/aauth/errors';
import { limitBody as limitBodyTo } from '@aauth-stack/service/http';
import type { Context } from 'hono';

const maxBodySize = 16 * 1024;

/** Refuses a body that no endpoint here needs. */
export const limitBody = limitBodyTo({
  maxBytes: maxBodySize,
  tooLarge: () => new RequestError('invalid_request', `The body is larger than ${maxBodySize} bytes.`, { status: 413 }),
});

/**
 * The body as JSON.
 *
 * @throws RequestError `invalid_request`: 415 for another media type, 400 for malformed JSON
 */
export async function parseJsonBody(c: Context): Promise<unknown> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new RequestError('invalid_request', 'The body must be application/json.', { status: 415 });
  }
  try {
    return await c.req.json();
  } catch (error) {
    throw new RequestError('invalid_request', 'The body is not valid JSON.', { cause: error });
  }
}
