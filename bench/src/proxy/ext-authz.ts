import { once } from 'node:events';
import { connect } from 'node:http2';
import type { Load } from './load.ts';

/** A request as another gateway tells of it. */
export interface CheckedRequest {
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks for checks on one connection, as a gateway's thread does, with a number of them under way at any time.
 *
 * @param next what to ask about; called for each check
 * @returns how long each check took
 */
export async function loadChecks(
  port: number,
  next: () => CheckedRequest,
  checks: number,
  underWay: number,
): Promise<Load> {
  const session = connect(`http://127.0.0.1:${port}`);
  await once(session, 'connect');
  const durations: number[] = [];
  let left = checks;
  const started = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const sent = performance.now();
      await check(frame(checkRequest(next())));
      durations.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: underWay }, lane));
  const elapsed = performance.now() - started;
  session.close();
  return { durations, elapsed };

  async function check(bytes: Buffer): Promise<void> {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/envoy.service.auth.v3.Authorization/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(bytes);
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    await once(stream, 'end');
    const answer = Buffer.concat(pieces);
    // After the five bytes of the frame: field 1, the status, which is empty when it is OK.
    if (answer[5] !== 0x0a || answer[6] !== 0) throw new Error(`A check was refused: ${answer.toString('latin1')}`);
  }
}

/** `envoy.service.auth.v3.CheckRequest`, with what a gateway says of a GET. */
function checkRequest({ host, path, headers }: CheckedRequest): Buffer {
  const fields = { ':authority': host, ':method': 'GET', ':path': path, ...headers };
  const http = Buffer.concat([
    member(2, 'GET'),
    ...Object.entries(fields).map(([name, value]) => member(3, Buffer.concat([member(1, name), member(2, value)]))),
    member(4, path),
    member(5, host),
    member(10, 'HTTP/1.1'),
  ]);
  return member(1, member(4, member(2, http)));
}

/** A field of the wire type LEN: its number, its length, its bytes. */
function member(field: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
}

/** A message of gRPC: not compressed, its length, its bytes. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
