import type { IncomingMessage } from 'node:http';
import { RequestError } from '@aauth-stack/aauth/errors';

/**
 * Refuses what Node's parser lets pass and others read differently (RFC 9112 §2.3, §6.1): a version that is not HTTP/1.0 or
 * HTTP/1.1, a transfer coding in HTTP/1.0, and a coding that nobody here undoes.
 *
 * @throws RequestError `invalid_request`: 505, 400, 501
 */
export function checkFraming({ httpVersion, headers }: Pick<IncomingMessage, 'httpVersion' | 'headers'>): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    throw new RequestError('invalid_request', 'Only HTTP/1.0 and HTTP/1.1 are spoken here.', { status: 505 });
  }
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  if (httpVersion === '1.0') throw new RequestError('invalid_request', 'HTTP/1.0 has no transfer codings.');
  if (coding.trim().toLowerCase() !== 'chunked') {
    throw new RequestError('invalid_request', 'The only transfer coding here is chunked.', { status: 501 });
  }
}
