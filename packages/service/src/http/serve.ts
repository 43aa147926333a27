import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Logger } from '../logger.ts';
import { StartupError } from '../startup-error.ts';
import { stopping, stopSettings } from '../stopping.ts';
import { findPortHolder } from './port-holder.ts';

/** Tokens travel in headers, so Node's 16 KiB is too little. Beyond this Node itself answers 431. */
const maxHeaderSize = 32 * 1024;
/**
 * Milliseconds that an idle connection is kept. Longer than clients and balancers keep theirs (a minute is usual), so that it is they
 * who close: a request that is sent on a connection just when this side closes it has failed.
 */
const keepAliveTimeout = 65_000;

export interface ListenOptions {
  hostname: string;
  /** 0 lets the system choose; see {@link HttpServer.port}. */
  port: number;
  log: Logger;
  /** How long `close` waits for requests under way before it cuts them, in milliseconds. Default `STOP_TIMEOUT`. */
  drainMs?: number;
}

export interface ServeOptions extends ListenOptions {
  /** A Hono app's `fetch`. */
  fetch: (request: Request, env: HttpBindings) => Response | Promise<Response>;
}

export interface HttpServer {
  /** The port that is listened on. */
  port: number;
  /** `http://hostname:port`, without a slash at the end. */
  url: string;
  /** Accepts no more connections, lets the requests under way finish within `drainMs`, then cuts what is left. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP requests and hands them to a Fetch-style handler.
 *
 * @throws StartupError when the address cannot be listened on; for a taken port it names the process that holds it
 */
export function serve({ fetch, ...options }: ServeOptions): Promise<HttpServer> {
  const listener = getRequestListener((request, env) => fetch(request, nodeBindings(env)), {
    hostname: options.hostname,
    overrideGlobalObjects: false,
  });
  return serveListener(listener, options);
}

/**
 * Listens for HTTP requests and hands them to a `node:http` listener, for what needs the request as it came in.
 *
 * @throws StartupError as {@link serve}
 */
export async function serveListener(listener: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const { hostname, log, drainMs = stopSettings(process.env).drainMs } = options;
  const underWay = new Set<ServerResponse>();
  const server = createServer({ maxHeaderSize, keepAliveTimeout }, (request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (stopping.aborted) sayLast(response);
    listener(request, response);
  });
  const sayLastToAll = () => underWay.forEach(sayLast);
  stopping.addEventListener('abort', sayLastToAll);
  server.once('close', () => stopping.removeEventListener('abort', sayLastToAll));
  await listen(server, hostname, options.port);
  const { port } = addressOf(server);
  const url = `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  log.info({ url }, `listening on ${url}`);
  return { port, url, close: () => drain(server, drainMs, log) };
}

/** Tells whoever keeps connections in time that this one is not to be used again. */
function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

function nodeBindings(env: object): HttpBindings {
  if (isHttp1(env)) return env;
  throw new TypeError('serve() speaks HTTP/1.1 only.');
}

function isHttp1(env: object): env is HttpBindings {
  return 'incoming' in env && 'outgoing' in env;
}

async function listen(server: Server, hostname: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, hostname, resolve);
  try {
    await promise;
  } catch (error) {
    throw await listenError(error, hostname, port);
  } finally {
    server.off('error', reject);
  }
}

async function listenError(error: unknown, hostname: string, port: number): Promise<Error> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const holder = (await findPortHolder(port)) ?? 'another process';
    return new StartupError(`port ${port} on ${hostname} is taken by ${holder}; stop it or set another port`, {
      cause: error,
    });
  }
  return new StartupError(`cannot listen on ${hostname}, port ${port}: ${String(code ?? error)}`, { cause: error });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a port.');
  return address;
}

async function drain(server: Server, drainMs: number, log: Logger): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  // A kept-alive connection is not idle while its last response is under way: look again whenever one has ended.
  server.on('request', (_request, response) => response.once('close', () => server.closeIdleConnections()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => {
    log.warn({ drainMs }, 'requests still under way are cut');
    server.closeAllConnections();
  }, drainMs);
  try {
    await closed.promise;
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
  }
}
