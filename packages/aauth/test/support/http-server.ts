import { createServer, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

/** A request as it arrived, with its body. */
export interface Received {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a server does with a request: answer, or break the connection. */
export type Answer = (request: Received) => Response | 'drop' | Promise<Response | 'drop'>;

export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Every request, in order of arrival. */
  readonly received: Received[];
  close(): Promise<void>;
}

/** A server on a real socket, closed when the test is over. */
export async function startServer(answer: Answer, { port = 0, host = '127.0.0.1' } = {}): Promise<TestServer> {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await receive(incoming);
    received.push(request);
    const response = await answer(request);
    if (response === 'drop') {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(new Uint8Array(await response.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { port: address.port, origin: `http://127.0.0.1:${address.port}`, received, close };
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  const { method = '', url = '' } = incoming;
  return { method, target: url, headers, body: new Uint8Array(Buffer.concat(chunks)) };
}
