import { RequestError } from '../errors.ts';

/** What is refused when a body that has to be compared with its digest is too large to hold: 413. */
export function bodyTooLarge(maxBytes: number): RequestError {
  return new RequestError('invalid_request', `The body is larger than ${maxBytes} bytes.`, { status: 413 });
}

/**
 * Reads the body of a request and leaves the request itself readable. A body that the signature does not cover is only looked
 * at until it is known to have a byte.
 *
 * @returns the bytes; `deferred` when there is a body that the signature does not cover; `undefined` when there is none
 * @throws RequestError 413 when it is covered and longer than `maxBytes`
 */
export async function peekBody(request: Request, maxBytes: number): Promise<Uint8Array | 'deferred' | undefined> {
  if (request.body === null) return undefined;
  const covered = request.headers.get('signature-input')?.includes('"content-digest"') ?? false;
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels this copy and not the original.
  for await (const chunk of request.clone().body ?? []) {
    length += chunk.byteLength;
    if (length > 0 && !covered) return 'deferred';
    if (length > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return length === 0 ? undefined : concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
