import type { Clock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { createResource, createRevocationEndpoint, createRevocationStore } from '@aauth-stack/aauth/resource';
import { serve } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Context, Hono } from 'hono';
import { z } from 'zod';

const identifiers = { allowLoopback: true };
const revocation = z.object({ jti: z.string(), exp: z.number() });

/** A revocation that a server has verified. */
export type ReceivedRevocation = z.output<typeof revocation>;

/** The revocation endpoint of a server, which the tests look into and can make misbehave. */
export interface TestRevocationEndpoint {
  /** What was taken, in order of arrival. */
  revoked: ReceivedRevocation[];
  /** Requests that arrived. */
  requests: number;
  /** Answers a request instead of the endpoint. */
  answer: ((c: Context) => Response | Promise<Response>) | undefined;
  handle(c: Context): Promise<Response>;
  isRevoked(token: { issuer: ServerIdentifier; jti: string }): boolean | Promise<boolean>;
}

export function createTestRevocationEndpoint(options: {
  identifier: ServerIdentifier;
  provider: ServerIdentifier;
  now: Clock;
}): TestRevocationEndpoint {
  const { identifier, provider, now } = options;
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  const store = createRevocationStore({ now });
  const accept = createRevocationEndpoint({
    identifier,
    discovery,
    identifiers,
    keys: nodeKeys,
    now,
    accepted: [{ issuer: provider, dwk: 'aauth-agent.json' }],
    store,
  });
  const endpoint: TestRevocationEndpoint = {
    revoked: [],
    requests: 0,
    answer: undefined,
    async handle(c) {
      endpoint.requests += 1;
      if (endpoint.answer) return endpoint.answer(c);
      const body: unknown = await c.req.raw.clone().json();
      const response = await accept(c.req.raw);
      if (response.ok) endpoint.revoked.push(revocation.parse(body));
      return response;
    },
    isRevoked: store.isRevoked,
  };
  return endpoint;
}

/** A resource that accepts agent tokens of the provider, until they are revoked. */
export interface TestResource {
  identifier: ServerIdentifier;
  endpoint: TestRevocationEndpoint;
  /** Members that its metadata has beside the usual ones, or instead. */
  metadata: Record<string, unknown>;
  /** Answers polls of pending revocations. */
  poll: (c: Context) => Response | Promise<Response>;
  /** Stops and starts listening on its port. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export async function startResource(options: {
  provider: ServerIdentifier;
  now: Clock;
  log: Logger;
}): Promise<TestResource> {
  const { provider, now, log } = options;
  const app = new Hono();
  const listen = (port: number) => serve({ fetch: app.fetch, hostname: '127.0.0.1', port, log, drainMs: 100 });
  let server = await listen(0);
  const { port } = server;
  const identifier = parseServerIdentifier(`http://resource.localhost:${port}`, identifiers);
  const endpoint = createTestRevocationEndpoint({ identifier, provider, now });
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  const guard = createResource({
    identifier,
    discovery,
    identifiers,
    keys: nodeKeys,
    now,
    agentProviders: [{ issuer: provider }],
    revoked: endpoint.isRevoked,
  });
  const resource: TestResource = {
    identifier,
    endpoint,
    metadata: {},
    poll: (c) => c.notFound(),
    stop: () => server.close(),
    async restart() {
      server = await listen(port);
    },
  };
  app.get('/.well-known/aauth-resource.json', (c) =>
    c.json({ issuer: identifier, revocation_endpoint: `${identifier}/revoke`, ...resource.metadata }),
  );
  app.post('/revoke', (c) => endpoint.handle(c));
  app.get('/revoke', (c) => resource.poll(c));
  app.get('/protected', async (c) => {
    const verdict = await guard.verifyRequest(c.req.raw);
    return verdict.ok ? c.text('welcome') : new Response(verdict.response.body, verdict.response);
  });
  return resource;
}
