import { createServer, type RequestListener, type Server } from 'node:http';
import type { SignatureKeyType } from '@hellocoop/httpsig';
import { systemClock as now } from '../../src/clock.ts';
import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../../src/identifiers.ts';
import type { PrivateJwk, SignatureAlgorithm } from '../../src/keys/index.ts';
import { nodeKeys } from '../../src/node/index.ts';
import {
  createJktJwt,
  hwkSignatureKey,
  jktJwtSignatureKey,
  jwksUriSignatureKey,
  jwtSignatureKey,
  type SignatureKeyValue,
} from '../../src/signatures/index.ts';
import { issueAgentToken } from '../../src/tokens/index.ts';

export const schemes = ['hwk', 'jwt', 'jwks_uri', 'jkt-jwt'] as const;
export type Scheme = (typeof schemes)[number];

const dwk = 'aauth-agent.json';
const servers: Server[] = [];

/** Starts a server on a free port of 127.0.0.1 and tells its origin. {@link stopAll} ends it. */
export async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return `http://127.0.0.1:${address.port}`;
}

export async function stopAll(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}

interface Provider {
  readonly issuer: ServerIdentifier;
  publish(jwk: object): void;
}

/** An agent provider whose metadata and keys both implementations fetch. */
async function startProvider(): Promise<Provider> {
  const keys: object[] = [];
  const origin = await startServer((req, res) => {
    const issuer = `http://${req.headers.host}`;
    const body =
      req.url === `/.well-known/${dwk}`
        ? { issuer, jwks_uri: `${issuer}/jwks.json` }
        : req.url === '/jwks.json' && { keys };
    res.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body || {}));
  });
  return { issuer: parseServerIdentifier(origin, { allowLoopback: true }), publish: (jwk) => keys.push(jwk) };
}

/** An agent, and what it puts into `Signature-Key` by scheme, as either implementation takes it. */
export interface Sender {
  readonly jwk: PrivateJwk;
  forHttpsig(scheme: Scheme): Promise<SignatureKeyType>;
  forOurs(scheme: Scheme): Promise<SignatureKeyValue>;
}

/** An agent with a key of its own, published by a provider of its own: httpsig caches key sets for an hour. */
export async function createSender(alg: SignatureAlgorithm): Promise<Sender> {
  const jwk: PrivateJwk = await nodeKeys.generate(alg);
  const { publicJwk } = await nodeKeys.verificationKey(jwk);
  const own = await startProvider();
  own.publish({ ...publicJwk, kid: 'k1', use: 'sig' });
  const id = { id: own.issuer, dwk, kid: 'k1' };
  const jktJwt = async () =>
    createJktJwt({ stableKey: await nodeKeys.signingKey(await nodeKeys.generate(alg)), ephemeralKey: publicJwk, now });
  const agentToken = async () => {
    const kid = crypto.randomUUID();
    const key = await nodeKeys.signingKey({ ...(await nodeKeys.generate(alg)), kid });
    own.publish(key.publicJwk);
    const subject = parseAgentIdentifier(`aauth:buyer@${agentDomain(own.issuer)}`).id;
    return (await issueAgentToken({ issuer: own.issuer, subject, key, cnf: publicJwk, now })).token;
  };
  return {
    jwk,
    async forHttpsig(scheme: Scheme): Promise<SignatureKeyType> {
      if (scheme === 'jwt') return { type: 'jwt', jwt: await agentToken() };
      if (scheme === 'jkt-jwt') return { type: 'jkt_jwt', jwt: await jktJwt() };
      return scheme === 'hwk' ? { type: 'hwk' } : { type: 'jwks_uri', ...id };
    },
    async forOurs(scheme: Scheme) {
      if (scheme === 'jwt') return jwtSignatureKey(await agentToken());
      if (scheme === 'jkt-jwt') return jktJwtSignatureKey(await jktJwt());
      return scheme === 'hwk' ? hwkSignatureKey(publicJwk) : jwksUriSignatureKey(id);
    },
  };
}
