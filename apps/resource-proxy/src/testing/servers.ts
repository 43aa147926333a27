import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  readonly port: number;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** A server on a free port of 127.0.0.1; `close` cuts what is under way. */
export async function startServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener);
  await listen(server, 0);
  return { port: portOf(server), cut: () => server.closeAllConnections(), close: () => closeServer(server) };
}

/**
 * A port that nobody listens on at the moment, for what has to be written into a config. It is below the range that the
 * system lends to outgoing connections, so that none of them takes it before it is used.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  for (;;) {
    try {
      await listen(server, 20_000 + Math.floor(Math.random() * 12_000));
    } catch {
      continue;
    }
    const port = portOf(server);
    await closeServer(server);
    return port;
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Backend extends TestServer {
  /** What came whole, oldest first. */
  readonly received: Received[];
  /** Replaces the answer; `{"ok":true}` at first, and again when called without one. */
  answer(listener?: RequestListener): void;
  /** How many requests arrived, whole or not. */
  count(): number;
}

/** A service behind the proxy. */
export async function startBackend(): Promise<Backend> {
  const received: Received[] = [];
  let count = 0;
  const ok: RequestListener = (request, response) => {
    const pieces: Uint8Array[] = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      received.push({ method, url, headers, rawHeaders, body: Buffer.concat(pieces).toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  };
  let listener = ok;
  const server = await startServer((request, response) => {
    count++;
    listener(request, response);
  });
  return {
    ...server,
    received,
    count: () => count,
    answer: (next = ok) => {
      listener = next;
    },
  };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a port');
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
