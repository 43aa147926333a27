import { RequestError } from '../errors.ts';
import { isRecord } from '../tokens/jwt.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the JSON object that the body of a request to one of our endpoints is.
 *
 * @throws RequestError `invalid_request`
 */
export function parseJsonBody(body: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    if (isRecord(value)) return value;
  } catch (error) {
    throw new RequestError('invalid_request', 'The body is not JSON.', { cause: error });
  }
  throw new RequestError('invalid_request', 'The body is not a JSON object.');
}
