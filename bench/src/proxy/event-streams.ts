import { once } from 'node:events';
import { connect } from 'node:net';
import { bytesOf, type Load, type Target } from './load.ts';

/** Opens event streams, one a connection, and reads each to its end: how long each event was under way. */
export async function readEventStreams(target: Target, streams: number): Promise<Load> {
  const durations: number[] = [];
  const started = performance.now();
  await Promise.all(Array.from({ length: streams }, readStream));
  return { durations, elapsed: performance.now() - started };

  async function readStream(): Promise<void> {
    const socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    for (const piece of bytesOf(target)) socket.write(piece);
    let rest = '';
    let isFirst = true;
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('An event stream was cut.')));
    socket.setEncoding('latin1').on('data', (text: string) => {
      const received = performance.now();
      if (isFirst && !text.startsWith('HTTP/1.1 200')) return reject(new Error(`Not what was expected: ${text}`));
      isFirst = false;
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data: ')) durations.push(received - Number(line.slice(6)));
        // The last chunk, which is empty.
        else if (line === '0\r') resolve();
      }
    });
    await ended;
    socket.destroy();
  }
}
