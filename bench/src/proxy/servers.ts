import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { agentDomain, parseAgentIdentifier, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';

export interface Listening {
  readonly port: number;
  close(): void;
}

export async function listen(handle: RequestListener): Promise<Listening> {
  // Whoever keeps connections is to find them open.
  const server = createServer({ keepAliveTimeout: 600_000 }, handle);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (!address || typeof address !== 'object') throw new Error('There is no port.');
  return {
    port: address.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export async function freePort(): Promise<number> {
  const { port, close } = await listen(() => undefined);
  close();
  return port;
}

/** What is sent with `POST /upload`. */
export const upload = Buffer.alloc(1024 * 1024, 'x');

/** Of each stream of `/events`. */
const events = { count: 100, intervalMs: 20 };

const bodies: Readonly<Record<string, Buffer>> = {
  '/small': Buffer.from(JSON.stringify({ stock: 'laptops '.repeat(100) })),
  '/large': Buffer.alloc(1024 * 1024, 'x'),
};

/** The service behind each of the proxies. */
export function startService(): Promise<Listening> {
  return listen((req, res) => {
    if (req.url === '/events') return sendEvents(res);
    if (req.method === 'POST') return answerUpload(req, res);
    const body = bodies[req.url ?? ''];
    res.writeHead(body ? 200 : 404, { 'content-type': 'application/json', 'content-length': body?.length ?? 0 });
    res.end(body);
  });
}

function answerUpload(req: IncomingMessage, res: ServerResponse): void {
  let size = 0;
  req.on('data', (piece: Buffer) => {
    size += piece.length;
  });
  req.on('end', () => {
    res.writeHead(size === upload.length ? 200 : 400, { 'content-length': 0 });
    res.end();
  });
}

/** Events that say when they were sent. */
function sendEvents(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  res.flushHeaders();
  let left = events.count;
  const timer = setInterval(() => {
    res.write(`data: ${performance.now()}\n\n`);
    if (--left > 0) return;
    clearInterval(timer);
    res.end();
  }, events.intervalMs);
}

/** An agent provider, and an agent of it that signs requests. */
export async function startAgent() {
  const issuerKey = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'ap-1' });
  const key = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
  const pages = new Map<string, unknown>([['/jwks.json', { keys: [issuerKey.publicJwk] }]]);
  const server = await listen((req, res) => {
    const page = pages.get(req.url ?? '');
    res.writeHead(page ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(page));
  });
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${server.port}`, { allowLoopback: true });
  pages.set('/.well-known/aauth-agent.json', { issuer, jwks_uri: `${issuer}/jwks.json` });
  const subject = parseAgentIdentifier(`aauth:buyer@${agentDomain(issuer)}`).id;
  const { token } = await issueAgentToken({ issuer, subject, key: issuerKey, cnf: key.publicJwk });
  return {
    issuer,
    close: server.close,
    /**
     * The fields of a signed request. One without a body is accepted for a minute, as often as it is sent: reading twice changes
     * nothing. One with a body is accepted once.
     */
    async sign(authority: string, path: string, body?: Uint8Array): Promise<Record<string, string>> {
      const headers = new Headers(body ? { 'content-type': 'application/octet-stream' } : {});
      const message = { method: body ? 'POST' : 'GET', authority, path, query: '', headers };
      const signatureKey = jwtSignatureKey(token);
      const options = { key, signatureKey, created: Math.floor(Date.now() / 1000), keys: nodeKeys };
      const fields = await signMessage(message, { ...options, ...(body && { body, nonce: randomUUID() }) });
      return { ...Object.fromEntries(headers), ...fields };
    },
  };
}
