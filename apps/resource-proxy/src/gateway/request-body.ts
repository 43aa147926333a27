import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { SignatureError } from '@aauth-stack/aauth/errors';

/** The body of a request under way. It is read once, either whole or as a stream. */
export interface RequestBody {
  /** The whole body, or undefined as soon as it is longer than `limit` bytes; what was read is kept for {@link stream}. */
  buffer(limit: number): Promise<Uint8Array | undefined>;
  /**
   * The body as it comes. With a digest, its last piece is held back until the digest has been compared, so that no one
   * downstream ever has a complete body that is not the signed one; the stream then fails with `invalid_signature`.
   */
  stream(digest?: Uint8Array): Readable;
  /** Reads and forgets what is left, so that the client can read an answer that came early. */
  discard(): void;
}

/** Whether a request announces a body (RFC 9112 §6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export function createRequestBody(request: IncomingMessage): RequestBody {
  // Stopping early must not destroy the request, and with it the connection that the answer needs.
  const pieces: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  const kept: Uint8Array[] = [];
  const next = async (): Promise<Uint8Array | undefined> => {
    const piece = await pieces.next();
    return piece.done ? undefined : piece.value;
  };

  async function* allPieces(): AsyncGenerator<Uint8Array> {
    yield* kept;
    for (let piece = await next(); piece; piece = await next()) yield piece;
  }

  return {
    async buffer(limit) {
      if (Number(request.headers['content-length'] ?? 0) > limit) return undefined;
      let size = 0;
      for (let piece = await next(); piece; piece = await next()) {
        kept.push(piece);
        size += piece.length;
        if (size > limit) return undefined;
      }
      return Buffer.concat(kept, size);
    },
    stream: (digest) => Readable.from(digest ? compared(allPieces(), digest) : allPieces(), { objectMode: false }),
    discard() {
      void (async () => {
        while (await next()) {
          // Forgotten.
        }
      })().catch(() => {
        // The client has gone; there is nobody left to answer.
      });
    },
  };
}

async function* compared(pieces: AsyncGenerator<Uint8Array>, digest: Uint8Array): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    hash.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (!timingSafeEqual(hash.digest(), digest)) {
    throw new SignatureError('invalid_signature', 'The body is not the one that the signed Content-Digest describes.');
  }
  if (held) yield held;
}
