import { createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { createResource } from '@aauth-stack/aauth/resource';
import { serve } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import { createTestRevocationEndpoint, type TestRevocationEndpoint } from './recipient.ts';

const identifiers = { allowLoopback: true };

/** The Person Server's side of the wire: real keys, a real metadata server, a signing client. */
export interface TestPersonServer {
  identifier: ServerIdentifier;
  /** Signs as this server; to be sent through `send`. */
  signedFetch: typeof fetch;
  /** The same through another way. */
  signingTo(send: typeof fetch): typeof fetch;
  /** How often its metadata or keys were fetched. */
  metadataRequests: number;
  /** Verified events, in order of arrival. */
  events: { event: string; id: string }[];
  revocations: TestRevocationEndpoint;
  /** Whether its metadata names the revocation endpoint. */
  hasRevocationEndpoint: boolean;
  /** While false, events are answered 503. */
  isTakingEvents: boolean;
  close(): Promise<void>;
}

/** @param send how its requests reach the Agent Provider */
export async function startPersonServer(options: {
  provider: ServerIdentifier;
  now: Clock;
  log: Logger;
  send: typeof fetch;
}): Promise<TestPersonServer> {
  const { provider, now, log, send } = options;
  const kid = 'ps-1';
  const key = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid });
  const events: TestPersonServer['events'] = [];
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  const app = new Hono();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log });
  const identifier = parseServerIdentifier(`http://person-server.localhost:${server.port}`, identifiers);
  const resource = createResource({
    discovery,
    identifiers,
    identifier,
    keys: nodeKeys,
    now,
    schemes: ['jwks_uri'],
    servers: [{ issuer: provider, dwk: 'aauth-agent.json' }],
    requireBodyCoverage: true,
  });
  const signingTo = (fetch: typeof globalThis.fetch) =>
    createServerFetch({ fetch, identifier, dwk: 'aauth-person.json', key, now });
  const personServer: TestPersonServer = {
    identifier,
    signedFetch: signingTo(send),
    signingTo,
    metadataRequests: 0,
    events,
    revocations: createTestRevocationEndpoint({ identifier, provider, now }),
    hasRevocationEndpoint: true,
    isTakingEvents: true,
    close: () => server.close(),
  };
  app.use('/.well-known/*', async (_, next) => {
    personServer.metadataRequests += 1;
    await next();
  });
  app.get('/.well-known/aauth-person.json', (c) =>
    c.json({
      issuer: identifier,
      jwks_uri: `${identifier}/.well-known/jwks.json`,
      revocation_endpoint: personServer.hasRevocationEndpoint ? `${identifier}/revoke` : undefined,
    }),
  );
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [key.publicJwk] }));
  app.post('/revoke', (c) => personServer.revocations.handle(c));
  app.post('/agent-provider/events', async (c) => {
    if (!personServer.isTakingEvents) return c.json({ error: 'temporarily_unavailable' }, 503);
    const verdict = await resource.verifyRequest(c.req.raw);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    events.push(await c.req.json());
    return c.json({});
  });
  return personServer;
}
