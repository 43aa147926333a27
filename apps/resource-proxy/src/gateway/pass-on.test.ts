import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { passOn } from './pass-on.ts';

/** A response that a client is waiting for, and what comes of passing a body on to it. */
async function startExchange(body: Readable, write: (response: ServerResponse) => void = () => {}) {
  const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    write(response);
    passOn(body, response).then(
      () => resolve('passed on'),
      (error: unknown) => resolve(error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, outcome };
}

async function get(port: number): Promise<IncomingMessage> {
  const client = httpRequest({ port, host: '127.0.0.1', agent: false }).end();
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  return (await answer.toArray()).join('');
}

describe('a body that is passed on', () => {
  test('arrives whole, and the promise is kept when it has', async () => {
    const { port, outcome } = await startExchange(Readable.from(['one ', 'two ', 'three'], { objectMode: false }));
    expect(await textOf(await get(port))).toBe('one two three');
    expect(await outcome).toBe('passed on');
  });

  test('may be empty', async () => {
    const { port, outcome } = await startExchange(Readable.from([]), (response) => response.writeHead(204));
    const answer = await get(port);
    expect(answer.statusCode).toBe(204);
    expect(await textOf(answer)).toBe('');
    expect(await outcome).toBe('passed on');
  });

  test('goes out in one piece with the headers when it has come with them', async () => {
    const { port } = await startExchange(Readable.from(['hello'], { objectMode: false }), (response) =>
      response.writeHead(200, { 'content-length': 5 }),
    );
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [first]: [Buffer] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhello$/s);
    socket.destroy();
  });

  test('that has not begun does not hold the headers back', async () => {
    const body = new PassThrough();
    const { port } = await startExchange(body, (response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }),
    );
    const answer = await get(port);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    body.end('data: 1\n\n');
    expect(await textOf(answer)).toBe('data: 1\n\n');
  });

  test('is read no faster than the client reads it', async () => {
    let read = 0;
    const body = new Readable({
      read() {
        read += 1;
        this.push(read > 2_000 ? null : Buffer.alloc(16 * 1024));
      },
    });
    const { port } = await startExchange(body);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    socket.pause();
    await once(body, 'pause');
    // 31 MiB in all; what the buffers of two sockets hold is less.
    expect(read).toBeLessThan(2_000);
    let received = 0;
    socket.on('data', (piece) => {
      received += piece.length;
    });
    socket.resume();
    await once(socket, 'close');
    expect(read).toBe(2_001);
    expect(received).toBeGreaterThan(2_000 * 16 * 1024);
  });

  test('that fails breaks the response off', async () => {
    const body = new PassThrough();
    const { port, outcome } = await startExchange(body);
    body.write('one');
    const answer = await get(port);
    await once(answer, 'data');
    const failure = new Error('the service hung up');
    const broken = once(answer, 'error');
    body.destroy(failure);
    expect(await outcome).toBe(failure);
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  test('ends when the client goes away', async () => {
    const body = new PassThrough();
    const { port, outcome } = await startExchange(body);
    body.write('one');
    const answer = await get(port);
    await once(answer, 'data');
    const ended = once(body, 'close');
    answer.destroy();
    await ended;
    expect(await outcome).toMatchObject({ message: 'The connection ended before the response did.' });
  });

  test('is let go when the client has gone before it came', async () => {
    const body = new PassThrough();
    const { port, outcome } = await startExchange(body, (response) => response.destroy());
    const client = httpRequest({ port, host: '127.0.0.1', agent: false }).end();
    await once(client, 'error');
    expect(await outcome).toBeInstanceOf(Error);
    expect(body.destroyed).toBe(true);
  });
});
