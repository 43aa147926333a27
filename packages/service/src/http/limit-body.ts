import type { MiddlewareHandler } from 'hono';

export interface LimitBodyOptions {
  maxBytes: number;
  /** Makes what is thrown when a body is longer: a 413. */
  tooLarge: () => Error;
}

/**
 * Hono middleware: refuses a body that is too long, whether its length is announced or not, before anything behind reads it.
 * (Hono's own `bodyLimit` fails on a body without `Content-Length` under `@hono/node-server`: a `DELETE`, or a chunked `POST`.)
 */
export function limitBody({ maxBytes, tooLarge }: LimitBodyOptions): MiddlewareHandler {
  return async function limitBody(c, next) {
    const { method, raw } = c.req;
    const announced = c.req.header('content-length');
    if (announced !== undefined && c.req.header('transfer-encoding') === undefined) {
      if (Number(announced) > maxBytes) throw tooLarge();
    } else if (method !== 'GET' && method !== 'HEAD' && raw.body) {
      const body = await readUpTo(raw.body, maxBytes);
      if (!body) throw tooLarge();
      c.req.raw = new Request(raw.url, { method, headers: raw.headers, body: body.length > 0 ? body : undefined });
    }
    await next();
  };
}

async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
