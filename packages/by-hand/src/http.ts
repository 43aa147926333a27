import { createServer, type IncomingMessage, request } from 'node:http';

export interface Received {
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Server {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Every request, in order of arrival. */
  readonly received: Received[];
  close(): Promise<void>;
}

/** A server on a free port of 127.0.0.1. What `answer` throws is a 500 with its message. */
export async function startServer(answer: (request: Received) => Answer | Promise<Answer>): Promise<Server> {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await receive(incoming);
    received.push(request);
    const { status, headers, body } = await Promise.resolve(request)
      .then(answer)
      .catch((error: unknown): Answer => ({ status: 500, body: { detail: `${error}` } }));
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server listens on no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends a request as it is to a server on this machine, whose name the system's resolver need not know. */
export async function send(
  url: string,
  { method = 'GET', headers = new Headers(), body = '' }: { method?: string; headers?: Headers; body?: string } = {},
): Promise<Response> {
  const { host, port, pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  const fields = { ...Object.fromEntries(headers), host };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, headers: fields, agent: false }, async (incoming) => {
      const text = Buffer.from(await readBody(incoming)).toString();
      resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), text });
    })
      .on('error', reject)
      .end(body);
  });
}

/** The JSON object at a URL. */
export async function getJson(url: string): Promise<Record<string, unknown>> {
  const { status, text } = await send(url);
  if (status !== 200) throw new Error(`${url} answers ${status}.`);
  return Object(JSON.parse(text));
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const authority = incoming.headers.host ?? '';
  const url = new URL(incoming.url ?? '', `http://${authority}`);
  return {
    method: incoming.method ?? '',
    authority,
    path: url.pathname,
    query: url.search.slice(1),
    headers: headersOf(incoming),
    body: await readBody(incoming),
  };
}
