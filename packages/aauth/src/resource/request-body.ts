import { RequestError } from '../errors.ts';

/** What is refused when a body that has to be compared with its digest is too large to hold: 413. */
export function bodyTooLarge(maxBytes: number): RequestError {
  return new RequestError('invalid_request', `The body is larger than ${maxBytes} bytes.`, { status: 413 });
}

/** What is refused when the sender breaks off: 400, if anybody is left to read it. */
export function bodyBrokenOff(cause: unknown): RequestError {
  return new RequestError('invalid_request', 'The body did not arrive whole.', { cause });
}

/**
 * Reads the body of a request and leaves the request itself readable. A body that the signature does not cover is only looked
 * at until it is known to have a byte.
 *
 * @returns the bytes; `deferred` when there is a body that the signature does not cover; `undefined` when there is none
 * @throws RequestError 413 when it is covered and longer than `maxBytes`; 400 when it breaks off
 */
export async function peekBody(request: Request, maxBytes: number): Promise<Uint8Array | 'deferred' | undefined> {
  return withReader(request, (reader) => read(reader, isCovered(request), maxBytes));
}

/**
 * Reads the body of a request whole and leaves the request itself readable.
 *
 * @returns `undefined` when there is none
 * @throws RequestError 413 when it is longer than `maxBytes`; 400 when it breaks off
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  return withReader(request, (reader) => readWhole(reader, maxBytes));
}

async function withReader<Body>(
  request: Request,
  use: (reader: ReadableStreamDefaultReader<Uint8Array>) => Promise<Body>,
): Promise<Body | undefined> {
  // In Fetch these have no body; asking for it would make some servers build a whole Request first.
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const reader = request.clone().body?.getReader();
  if (!reader) return undefined;
  try {
    return await use(reader);
  } finally {
    // Not awaited: cancelling one half of a stream that was split settles when the other half is done with, too.
    reader.cancel().catch(() => undefined);
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  covered: boolean,
  maxBytes: number,
): Promise<Uint8Array | 'deferred' | undefined> {
  if (covered) return readWhole(reader, maxBytes);
  for (let next = await readChunk(reader); !next.done; next = await readChunk(reader)) {
    if (next.value.byteLength > 0) return 'deferred';
  }
  return undefined;
}

async function readWhole(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await readChunk(reader); !next.done; next = await readChunk(reader)) {
    length += next.value.byteLength;
    if (length > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(next.value);
  }
  return length === 0 ? undefined : concatenate(chunks, length);
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw bodyBrokenOff(cause);
  }
}

function isCovered(request: Request): boolean {
  return request.headers.get('signature-input')?.includes('"content-digest"') ?? false;
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
