import { randomUUID } from 'node:crypto';
import { createServerFetch } from '@aauth-stack/aauth/agent';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { RequestError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import { agentDomain, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { jwkThumbprint, type SigningKey, thumbprintUri } from '@aauth-stack/aauth/keys';
import { createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { messageFromRequest, verifyMessage } from '@aauth-stack/aauth/signatures';
import { jwksUriScheme, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import type { Binding, Registration } from '../src/agent-providers/wire.ts';
import type { TestClock } from './clock.ts';

const identifiers = { allowLoopback: true };

/**
 * A small Agent Provider on a real socket: it verifies what the Person Server sends as the real one does, settles contests the same
 * way, and signs its events. Its state is in memory, for a test to look into.
 */
export interface AgentProviderPeer {
  readonly issuer: ServerIdentifier;
  readonly key: SigningKey;
  readonly registrations: Registration[];
  readonly bindings: Binding[];
  /** What it publishes beside what it has to. */
  metadata: Record<string, unknown>;
  /** `METHOD /path` of every verified request of the Person Server, in order. */
  readonly requests: string[];
  /** Whose requests it takes. */
  personServer: ServerIdentifier | undefined;
  /** What it answers to everything of `/person`, instead of doing what is asked. */
  answer: (() => Response) | undefined;
  /** The next request whose path ends so is carried out, but its answer is lost. */
  loseAnswerTo: string | undefined;
  enrol(agentName: string): Promise<Registration>;
  post(
    event: object,
    overrides?: { key?: SigningKey; issuer?: ServerIdentifier; fetch?: typeof fetch },
  ): Promise<Response>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function newKey(kid: string): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid });
}

export async function startAgentProviderPeer(clock: TestClock): Promise<AgentProviderPeer> {
  const { now, sleep } = clock;
  const { log } = captureLog();
  const httpFetch = createHttpFetch();
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  const app = new Hono();
  const listen = (port: number) => serve({ fetch: app.fetch, hostname: '127.0.0.1', port, log });
  let server = await listen(0);
  const { port } = server;
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${port}`, identifiers);
  const key = await newKey('as-test');

  const peer: AgentProviderPeer = {
    issuer,
    key,
    registrations: [],
    bindings: [],
    metadata: {},
    requests: [],
    personServer: undefined,
    answer: undefined,
    loseAnswerTo: undefined,

    enrol: async (agentName) => {
      const registration = {
        id: randomUUID(),
        agent_name: agentName,
        stable_jkt: thumbprintUri(await jwkThumbprint((await newKey('stable')).publicJwk)),
        ps: peer.personServer,
        callback: null,
        created_at: new Date(now() * 1000).toISOString(),
        expires_at: new Date((now() + 3600) * 1000).toISOString(),
        status: 'pending',
      };
      peer.registrations.push(registration);
      return registration;
    },

    post: (event, overrides = {}) => {
      const signedFetch = createServerFetch({
        fetch: overrides.fetch ?? httpFetch,
        identifier: overrides.issuer ?? issuer,
        dwk: metadataDocuments.agentProvider,
        key: overrides.key ?? key,
        now,
        sleep,
      });
      return signedFetch(`${peer.personServer}/agent-provider/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
    },

    goAway: () => server.close(),
    comeBack: async () => {
      server = await listen(port);
    },
    stop: async () => {
      await server.close();
      await httpFetch.close();
    },
  };

  const decide = (id: string, status: string): Registration => {
    const registration = peer.registrations.find((candidate) => candidate.id === id);
    if (!registration) throw new RequestError('not_found', 'No such enrolment.', { status: 404 });
    if (registration.status !== 'pending' || Date.parse(registration.expires_at) <= now() * 1000) {
      throw new RequestError('already_decided', `This enrolment is ${registration.status}.`, { status: 409 });
    }
    registration.status = status;
    return registration;
  };

  app.onError(problemHandler({ log }));
  app.get('/.well-known/aauth-agent.json', (c) =>
    c.json({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      name: 'Peer <b>Provider</b>',
      description: 'Runs **agents** of others.',
      ...peer.metadata,
    }),
  );
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [{ ...key.publicJwk, kid: key.kid }] }));

  app.use('/person/*', async (c, next) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const accepted = peer.personServer ? [{ issuer: peer.personServer, dwk: metadataDocuments.personServer }] : [];
    await verifyMessage(messageFromRequest(c.req.raw, { authority: agentDomain(issuer) }), {
      schemes: { jwks_uri: jwksUriScheme({ discovery, identifiers, accepted }) },
      body,
      requireBodyCoverage: true,
      now,
    });
    peer.requests.push(`${c.req.method} ${decodeURIComponent(c.req.path)}`);
    if (peer.answer) return peer.answer();
    await next();
    if (peer.loseAnswerTo !== undefined && c.req.path.endsWith(peer.loseAnswerTo)) {
      peer.loseAnswerTo = undefined;
      c.res = new Response('the answer was lost', { status: 502 });
    }
    return undefined;
  });

  app.get('/person/registrations', (c) =>
    c.json(
      peer.registrations.filter(
        ({ status, expires_at }) => status === 'pending' && Date.parse(expires_at) > now() * 1000,
      ),
    ),
  );
  app.post('/person/registrations/:id/approve', async (c) => {
    const { person_id: personId } = await c.req.json();
    const registration = decide(c.req.param('id'), 'approved');
    const binding = {
      agent_id: `aauth:agent-${registration.id.slice(0, 8)}@${agentDomain(issuer)}`,
      agent_name: registration.agent_name,
      created_at: new Date(now() * 1000).toISOString(),
      last_seen_at: null,
      device_count: 1,
      stable_key_thumbprints: [registration.stable_jkt],
      revoked: false,
      revoked_at: null,
      person_id: String(personId),
    };
    peer.bindings.push(binding);
    return c.json({ agent_id: binding.agent_id, agent_name: binding.agent_name });
  });
  app.post('/person/registrations/:id/deny', (c) => {
    decide(c.req.param('id'), 'denied');
    return c.json({});
  });
  app.get('/person/bindings', (c) => c.json(peer.bindings));
  app.post('/person/bindings/:id/revoke', (c) => {
    const binding = peer.bindings.find((candidate) => candidate.agent_id === c.req.param('id'));
    if (!binding) throw new RequestError('not_found', 'No such agent.', { status: 404 });
    binding.revoked = true;
    binding.revoked_at = new Date(now() * 1000).toISOString();
    return c.json({});
  });
  return peer;
}
