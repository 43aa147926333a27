import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { systemClock } from '../../src/clock.ts';
import { createDiscovery } from '../../src/discovery/index.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { createEgressFetch, httpMessageFromNode, nodeKeys, readBody, verifyNodeRequest } from '../../src/node/index.ts';
import type { ProblemResponse } from '../../src/problem.ts';
import {
  type AccessMode,
  createResource,
  createRevocationEndpoint,
  createRevocationStore,
  type ResourceOptions,
  resourceMetadata,
} from '../../src/resource/index.ts';
import type { Resource } from '../../src/resource/resource.ts';
import type { Principal } from '../../src/resource/types.ts';
import { createKey } from '../support/keys.ts';

export const identifiers = { allowLoopback: true };

/** What the hand-made parties meet: finds keys over real sockets, by the clock of the system. */
export const createOurDiscovery = () =>
  createDiscovery({
    fetch: createEgressFetch({ allowLoopback: true, timeoutMs: 2000 }),
    keys: nodeKeys,
    now: systemClock,
    identifiers,
  });

export interface OurResource {
  readonly origin: string;
  /** The principals that were let in, in order. */
  readonly admitted: Principal[];
  close(): Promise<void>;
}

const scopes = { descriptions: { 'stock:read': 'See the stock', 'stock:write': 'Change it' } };

/**
 * A resource of ours on a free port. `/authorize` is its authorization endpoint, `/revoke` its revocation endpoint, for Person
 * Servers. Everything else needs what `access` says, and the scope in the query if there is one.
 */
export async function startOurResource<Access extends AccessMode>(
  access: Access,
  options: Partial<ResourceOptions> = {},
): Promise<OurResource> {
  const admitted: Principal[] = [];
  const key = await createKey('rs-1');
  let listener: RequestListener = (_, res) => res.writeHead(503).end();
  const server = createServer((req, res) => listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server listens on no port.');
  const identifier = parseServerIdentifier(`http://127.0.0.1:${address.port}`, identifiers);
  const store = createRevocationStore({ now: systemClock });
  const common = { identifier, identifiers, discovery: createOurDiscovery(), keys: nodeKeys };
  const revoke = createRevocationEndpoint({
    ...common,
    store,
    accepted: (issuer, dwk) => (dwk === 'aauth-person.json' ? { issuer } : undefined),
  });
  const resource: Resource = createResource<AccessMode>({
    ...common,
    access,
    signingKey: key,
    revoked: store.isRevoked,
    scopes: { ...scopes, defaults: ['stock:read'] },
    ...options,
  });
  const documents = new Map<string | undefined, object>(
    Object.entries({
      '/.well-known/aauth-resource.json': resourceMetadata({
        identifier,
        identifiers,
        access,
        jwksUri: `${identifier}/jwks.json`,
        authorizationEndpoint: `${identifier}/authorize`,
        revocationEndpoint: `${identifier}/revoke`,
        scopeDescriptions: scopes.descriptions,
      }),
      '/jwks.json': { keys: [key.publicJwk] },
    }),
  );
  listener = async (req, res) => {
    const document = documents.get(req.url);
    const { status, headers, body } = document
      ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) }
      : await answer(req);
    res.writeHead(status, headers).end(body);
  };
  async function answer(req: IncomingMessage): Promise<ProblemResponse> {
    if (req.url === '/authorize') {
      return (await resource.authorize(httpMessageFromNode(req), await readBody(req))).response;
    }
    if (req.url === '/revoke') {
      const body = Buffer.from((await readBody(req)) ?? []);
      const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, `${value}`]));
      const response = await revoke(new Request(`${identifier}/revoke`, { method: 'POST', headers, body }));
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    }
    const scope = new URL(req.url ?? '', identifier).searchParams.get('scope');
    const { verdict } = await verifyNodeRequest(resource, req, { requiredScopes: scope ? [scope] : [] });
    if (!verdict.ok) return verdict.response;
    admitted.push(verdict.principal);
    return { status: 200, headers: {}, body: 'served' };
  }
  return {
    origin: identifier,
    admitted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
