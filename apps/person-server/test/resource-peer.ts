import { createDiscovery } from '@aauth-stack/aauth/discovery';
import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import { parseThumbprint, type SigningKey } from '@aauth-stack/aauth/keys';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { createRevocationEndpoint, type Revocation } from '@aauth-stack/aauth/resource';
import {
  decodeTokenForDisplay,
  issueAgentToken,
  issueResourceToken,
  metadataDocuments,
  type ResourceTokenOptions,
} from '@aauth-stack/aauth/tokens';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import { newKey } from './agent-provider-peer.ts';
import type { TestClock } from './clock.ts';
import type { TestAgent } from './test-agent.ts';

const identifiers = { allowLoopback: true };

/** A resource on a real socket, which is its own agent provider too. What it publishes and answers is for a test to change. */
export interface ResourcePeer {
  readonly issuer: ServerIdentifier;
  readonly key: SigningKey;
  /** Its `aauth-resource.json`. */
  metadata: Record<string, unknown>;
  /** What it publishes as an agent provider beside what it has to. */
  agentMetadata: Record<string, unknown>;
  /** What its revocation endpoint was told and took. */
  readonly revoked: Revocation[];
  /** What its revocation endpoint answers instead of taking anything. */
  answer: (() => Response) | undefined;
  /** How many requests its revocation endpoint has had. */
  readonly attempts: number;
  /** Requests for its metadata and keys. */
  readonly fetched: string[];
  /** The resource token for a token that was presented to it, altered as asked. */
  challenge(presented: string, altered?: Partial<ResourceTokenOptions>): Promise<string>;
  /** An agent token that it issues to itself. */
  asAgent(): Promise<Pick<TestAgent, 'token' | 'key'>>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function startResourcePeer(clock: TestClock, name = 'resource'): Promise<ResourcePeer> {
  const { now } = clock;
  const { log } = captureLog();
  const app = new Hono();
  const listen = (port: number) => serve({ fetch: app.fetch, hostname: '127.0.0.1', port, log });
  let server = await listen(0);
  const { port } = server;
  const issuer = parseServerIdentifier(`http://${name}.localhost:${port}`, identifiers);
  const key = await newKey(`${name}-key`);
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  let attempts = 0;

  const peer: ResourcePeer = {
    issuer,
    key,
    metadata: {
      issuer,
      jwks_uri: `${issuer}/jwks.json`,
      access_mode: 'auth-token',
      scope_descriptions: { read: 'Read', write: 'Write', 'require:user': 'With the person' },
      revocation_endpoint: `${issuer}/revoke`,
    },
    agentMetadata: {},
    revoked: [],
    answer: undefined,
    fetched: [],
    get attempts() {
      return attempts;
    },

    challenge: async (presented, altered = {}) => {
      const claims: Readonly<Record<string, unknown>> = decodeTokenForDisplay(presented)?.claims ?? {};
      const cnf = await nodeKeys.verificationKey(Object(claims.cnf).jwk);
      const personServer = parseServerIdentifier(claims.ps ?? claims.iss, identifiers);
      const { token } = await issueResourceToken({
        issuer,
        audience: personServer,
        personServer,
        subject: String(claims.sub),
        presentedJti: String(claims.jti),
        agentJkt: parseThumbprint(cnf.thumbprint),
        scope: ['read'],
        key,
        now,
        ...altered,
      });
      return token;
    },

    asAgent: async () => {
      const subject = parseAgentIdentifier(`aauth:${name}@${agentDomain(issuer)}`).id;
      return { key, token: (await issueAgentToken({ issuer, subject, key, cnf: key.publicJwk, now })).token };
    },

    goAway: () => server.close(),
    comeBack: async () => {
      server = await listen(port);
    },
    stop: () => server.close(),
  };

  app.use('/.well-known/*', (c, next) => {
    peer.fetched.push(c.req.path);
    return next();
  });
  app.get('/.well-known/aauth-resource.json', (c) => c.json(peer.metadata));
  app.get('/.well-known/aauth-agent.json', (c) =>
    c.json({ issuer, jwks_uri: `${issuer}/jwks.json`, ...peer.agentMetadata }),
  );
  app.get('/jwks.json', (c) => c.json({ keys: [{ ...key.publicJwk, kid: key.kid }] }));
  const takeBack = createRevocationEndpoint({
    identifier: issuer,
    discovery,
    identifiers,
    keys: nodeKeys,
    now,
    accepted: (server, dwk) => (dwk === metadataDocuments.personServer ? { issuer: server, dwk } : undefined),
    store: { revoke: (revocation) => void peer.revoked.push(revocation), isRevoked: () => false },
  });
  app.post('/revoke', (c) => {
    attempts += 1;
    return peer.answer ? peer.answer() : takeBack(c.req.raw);
  });
  return peer;
}
