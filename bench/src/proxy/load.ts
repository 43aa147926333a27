import { once } from 'node:events';
import { connect } from 'node:net';

/** What is sent, again and again. */
export interface Target {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Load {
  /** How long each request took, in milliseconds. */
  readonly durations: readonly number[];
  /** From the first byte sent to the last one received, in milliseconds. */
  readonly elapsed: number;
}

/**
 * Sends requests on a number of connections, each as soon as the answer to the one before is there. It writes and reads bytes of its own
 * accord, since a client of a library would take as much time as what is measured; so it understands no more than
 * what is behind these proxies sends: 200 with `Content-Length`.
 *
 * @param next the request to send; called for each, so that one that must not be repeated can differ
 */
export async function load(next: () => Target, requests: number, connections: number): Promise<Load> {
  const durations: number[] = [];
  let left = requests;
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  return { durations, elapsed: performance.now() - started };

  async function connection(): Promise<void> {
    if (left <= 0) return;
    const { port } = next();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    let sent = 0;
    let answer: Answer = begin();
    const send = () => {
      if (left-- <= 0) return resolve();
      sent = performance.now();
      for (const piece of bytesOf(next())) socket.write(piece);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`A connection to port ${port} was closed.`)));
    socket.on('data', (piece: Buffer) => {
      try {
        answer = read(answer, piece);
      } catch (error) {
        return reject(error);
      }
      if (answer.missing !== 0) return;
      durations.push(performance.now() - sent);
      answer = begin();
      send();
    });
    send();
    try {
      await done;
    } finally {
      socket.destroy();
    }
  }
}

/** Request line and fields, then the body: what a client sends, byte by byte. */
export function bytesOf({ method, path, headers, body }: Target): Uint8Array[] {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body ? `content-length: ${body.length}\r\n` : '';
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n`, 'latin1');
  return body ? [head, body] : [head];
}

interface Answer {
  /** What has come of the head, as long as it is not complete. */
  readonly head: Buffer;
  /** Bytes of the body that have not come yet; undefined until the head says how many there are. */
  readonly missing: number | undefined;
}

function begin(): Answer {
  return { head: Buffer.alloc(0), missing: undefined };
}

function read({ head, missing }: Answer, piece: Buffer): Answer {
  if (missing !== undefined) return { head, missing: missing - piece.length };
  const received = head.length === 0 ? piece : Buffer.concat([head, piece]);
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return { head: received, missing: undefined };
  const text = received.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  if (!text.startsWith('HTTP/1.1 200') || length === undefined) {
    throw new Error(`Not what was expected: ${received.toString('latin1').slice(0, 1000)}`);
  }
  return { head: received, missing: Number(length) - (received.length - end - 4) };
}
