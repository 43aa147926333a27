import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/**
 * Passes a body on piece by piece, no faster than it is taken. When either side breaks off, so does the other.
 *
 * It is not `stream.pipeline`, which at each end aborts a signal of its own and makes an error for it, nor does it send the
 * headers before there is anything to send them with: between them that was a quarter of what this gateway did for a small response.
 */
export function passOn(body: Readable, response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // What has come with the headers is about to be written. The first event of a stream may be long in coming.
  const waiting = setImmediate(() => response.flushHeaders());
  body.on('data', (piece) => {
    if (!response.write(piece)) body.pause();
  });
  body.on('end', () => response.end());
  body.on('error', (error) => {
    response.destroy();
    reject(error);
  });
  response.on('drain', () => body.resume());
  response.on('error', (error) => body.destroy(error));
  response.on('close', () => {
    clearImmediate(waiting);
    if (response.writableFinished) return resolve();
    body.destroy();
    reject(new Error('The connection ended before the response did.'));
  });
  if (response.destroyed) body.destroy();
  return promise;
}
