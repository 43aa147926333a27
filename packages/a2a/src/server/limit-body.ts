import { RequestError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';
import type { MiddlewareHandler } from 'hono';

const maxBytes = 1024 * 1024;

/** Reads the body of a call before anything behind does, whether its length is announced or not, and refuses one that is too long. */
export const limitBody: MiddlewareHandler = async function limitBody(c, next) {
  const { method, url, headers, body } = c.req.raw;
  const bytes = Number(headers.get('content-length') ?? 0) > maxBytes ? undefined : await readUpTo(maxBytes, body);
  if (!bytes) {
    const detail = `A call has at most ${maxBytes} bytes.`;
    return problemResponse(new RequestError('invalid_request', detail, { status: 413 }));
  }
  c.req.raw = new Request(url, { method, headers, body: bytes, signal: c.req.raw.signal });
  return next();
};

async function readUpTo(
  limit: number,
  stream: ReadableStream<Uint8Array> | null,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.byteLength;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  chunks.reduce((offset, chunk) => {
    bytes.set(chunk, offset);
    return offset + chunk.byteLength;
  }, 0);
  return bytes;
}
