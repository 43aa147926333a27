import { onTestFinished } from 'vitest';
import type { Sleep } from '../../src/clock.ts';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { Discovery } from '../../src/discovery/types.ts';
import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../../src/identifiers.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import { createEgressFetch } from '../../src/node/egress.ts';
import { createHttpFetch, type HttpFetch } from '../../src/node/fetch.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import { issueAgentToken } from '../../src/tokens/agent-token.ts';
import type { MetadataDocument } from '../../src/tokens/types.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { type Answer, startServer, type TestServer } from './http-server.ts';
import { createKey } from './keys.ts';

export const identifiers = { allowLoopback: true };

/** What every party of a test shares: the time, which passes only by waiting, and ways to reach each other. */
export interface AccessWorld {
  readonly clock: TestClock;
  readonly sleep: Sleep;
  /** The seconds of each wait. */
  readonly slept: number[];
  readonly http: HttpFetch;
  discovery(): Discovery;
}

export function createAccessWorld(start?: number): AccessWorld {
  const clock = createTestClock(start);
  const slept: number[] = [];
  const http = createHttpFetch();
  onTestFinished(http.close);
  return {
    clock,
    slept,
    http,
    async sleep(seconds, signal) {
      signal?.throwIfAborted();
      slept.push(seconds);
      clock.advance(seconds);
    },
    discovery: () =>
      createDiscovery({
        fetch: createEgressFetch({ allowLoopback: true, timeoutMs: 1000 }),
        keys: nodeKeys,
        now: clock.now,
        identifiers,
      }),
  };
}

/** A server with an identifier, its metadata and its keys. What it publishes can be changed while it runs. */
export interface TestIssuer {
  readonly issuer: ServerIdentifier;
  readonly server: TestServer;
  readonly key: SigningKey;
  /** Members of the metadata beside `issuer` and `jwks_uri`. */
  metadata: Readonly<Record<string, unknown>> | undefined;
}

/** Answers for everything but metadata and keys, which it publishes itself. */
export async function startIssuer(name: string, dwk: MetadataDocument, answer: Answer): Promise<TestIssuer> {
  const key = await createKey(`${name}-1`);
  const server = await startServer((request) => {
    if (request.target === `/.well-known/${dwk}`) {
      const { issuer, metadata } = self;
      return metadata ? Response.json({ issuer, jwks_uri: `${issuer}/jwks`, ...metadata }) : notFound();
    }
    return request.target === '/jwks' ? Response.json({ keys: [key.publicJwk] }) : answer(request);
  });
  const issuer = parseServerIdentifier(`http://${name}.localhost:${server.port}`, identifiers);
  const self: TestIssuer = { issuer, server, key, metadata: {} };
  return self;
}

/** An agent of an agent provider: its token and its key, which it can be told to change. */
export interface TestAgent {
  readonly provider: TestIssuer;
  readonly agent: string;
  /** What each request for credentials said about a token that was refused. */
  readonly refusals: string[];
  readonly credentials: (request?: {
    refused?: { token: string; code: string };
  }) => Promise<{ token: string; key: SigningKey }>;
  /** A new token, for a new key unless one is given. */
  rotate(key?: SigningKey): Promise<void>;
  /** Whether a refused token is replaced when that is asked for. */
  renews: boolean;
}

export async function createTestAgent(
  { clock }: AccessWorld,
  { lifetime = 3600, personServer }: { lifetime?: number; personServer?: ServerIdentifier } = {},
): Promise<TestAgent> {
  const provider = await startIssuer('agent-provider', 'aauth-agent.json', notFound);
  const agent = parseAgentIdentifier(`aauth:shopper@${agentDomain(provider.issuer)}`).id;
  let current: { token: string; key: SigningKey } | undefined;
  const self: TestAgent = {
    provider,
    agent,
    refusals: [],
    renews: true,
    async credentials(request) {
      if (request?.refused) self.refusals.push(request.refused.code);
      if (request?.refused?.token === current?.token && self.renews) await self.rotate();
      if (!current) throw new TypeError('The agent has no token.');
      return current;
    },
    async rotate(given) {
      const key = given ?? (await createKey());
      const cnf = key.publicJwk;
      const { issuer, key: providerKey } = provider;
      const now = clock.now;
      const options = { issuer, subject: agent, key: providerKey, cnf, personServer, now, lifetime };
      current = { token: (await issueAgentToken(options)).token, key };
    },
  };
  await self.rotate();
  return self;
}

export function notFound(): Response {
  return new Response(null, { status: 404 });
}
