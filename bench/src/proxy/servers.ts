import { createServer, type RequestListener } from 'node:http';
import { agentDomain, parseAgentIdentifier, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';

export interface Listening {
  readonly port: number;
  close(): void;
}

export async function listen(handle: RequestListener): Promise<Listening> {
  const server = createServer(handle);
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

const bodies: Readonly<Record<string, Buffer>> = {
  '/small': Buffer.from(JSON.stringify({ stock: 'laptops '.repeat(100) })),
  '/large': Buffer.alloc(1024 * 1024, 'x'),
};

/** The service behind each of the proxies. */
export function startService(): Promise<Listening> {
  return listen((req, res) => {
    const body = bodies[req.url ?? ''];
    res.writeHead(body ? 200 : 404, { 'content-type': 'application/json', 'content-length': body?.length ?? 0 });
    res.end(body);
  });
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
    /** The fields of a signed GET. It is accepted for a minute, as often as it is sent: reading twice changes nothing. */
    async sign(authority: string, path: string): Promise<Record<string, string>> {
      const message = { method: 'GET', authority, path, query: '', headers: new Headers() };
      const created = Math.floor(Date.now() / 1000);
      return {
        ...(await signMessage(message, { key, signatureKey: jwtSignatureKey(token), created, keys: nodeKeys })),
      };
    },
  };
}
