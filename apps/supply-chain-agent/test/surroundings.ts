import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import {
  createResource,
  formatForwardedHeaders,
  proxySecretHeader,
  resourceMetadata,
} from '@aauth-stack/aauth/resource';
import { jktJwtScheme, messageFromRequest, verifyMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import { proxySecret } from './forwarded.ts';

export const { log } = captureLog();
export const identifiers = { allowLoopback: true };
export const discovery = createDiscovery({
  fetch: createEgressFetch({ allowLoopback: true }),
  identifiers,
  keys: nodeKeys,
});

/** An agent provider that enrols whoever proves to have both keys, without asking anybody. */
export async function startAgentProvider() {
  const key = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'ap-1' });
  const app = new Hono();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const issuer = parseServerIdentifier(server.url, identifiers);
  const agent = parseAgentIdentifier(`aauth:supply-chain-12345678@${agentDomain(issuer)}`).id;
  const jwks = { keys: [{ ...key.publicJwk, kid: 'ap-1' }] };
  app.get('/.well-known/aauth-agent.json', (c) =>
    c.json({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      registration_endpoint: `${issuer}/register`,
      refresh_endpoint: `${issuer}/refresh`,
    }),
  );
  app.get('/.well-known/jwks.json', (c) => c.json(jwks));
  app.post('/register', async (c) => {
    const body = new Uint8Array(await c.req.raw.clone().arrayBuffer());
    const schemes = { 'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now: systemClock }) };
    const { publicJwk } = await verifyMessage(messageFromRequest(c.req.raw), { schemes, now: systemClock, body });
    const { ps } = await c.req.json();
    const personServer = parseServerIdentifier(ps, identifiers);
    const { token } = await issueAgentToken({ issuer, subject: agent, key, cnf: publicJwk, personServer });
    return c.json({ agent_token: token, expires_in: 3600 });
  });
  return { issuer, agent, close: () => server.close() };
}

export interface ProxyOptions {
  /** Where the agent behind it listens. */
  target: string;
  /** Lets in the agents of that provider. */
  agentProvider?: ServerIdentifier;
  /** Lets in the people of that person server, with an auth token. */
  personServer?: ServerIdentifier;
}

/** The proxy in front of one agent: verifies every request and tells the agent who sent it. */
export async function startProxy({ target, agentProvider, personServer }: ProxyOptions) {
  const signingKey = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'rs-1' });
  const app = new Hono();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const identifier = parseServerIdentifier(server.url, identifiers);
  const access = personServer ? 'auth-token' : 'agent-token';
  const additionalComponents = ['@query', 'content-type', 'content-digest'];
  const scopes = {
    descriptions: { 'market-analysis:analyze': 'Analyse the market' },
    defaults: ['market-analysis:analyze'],
  };
  const resource = createResource({
    discovery,
    identifiers,
    identifier,
    keys: nodeKeys,
    access,
    ...(agentProvider && { agentProviders: [{ issuer: agentProvider }] }),
    ...(personServer && { personServers: [{ issuer: personServer }] }),
    signingKey,
    scopes,
    additionalComponents,
  });
  /** Who was let through. */
  const callers: Record<string, string>[] = [];
  app.get('/.well-known/aauth-resource.json', (c) =>
    c.json(
      resourceMetadata({
        identifier,
        identifiers,
        access,
        jwksUri: `${identifier}/.well-known/jwks.json`,
        scopeDescriptions: scopes.descriptions,
        additionalSignatureComponents: additionalComponents,
      }),
    ),
  );
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [{ ...signingKey.publicJwk, kid: 'rs-1' }] }));
  app.post('/', async (c) => {
    const verdict = await resource.verifyRequest(c.req.raw);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    const forwarded = formatForwardedHeaders(verdict.principal);
    callers.push(forwarded);
    const headers = new Headers({ ...forwarded, [proxySecretHeader]: proxySecret, 'content-type': 'application/json' });
    for (const name of ['a2a-version', 'traceparent']) headers.set(name, c.req.header(name) ?? '');
    return fetch(`${target}${c.req.path}`, { method: 'POST', headers, body: await c.req.arrayBuffer() });
  });
  return { url: server.url, identifier, callers, close: () => server.close() };
}

/** An address for an agent that is not running yet. */
export async function startFront() {
  let target = '';
  const app = new Hono();
  app.get('/.well-known/*', (c) => fetch(`${target}${c.req.path}`));
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  return {
    identifier: parseServerIdentifier(server.url, identifiers),
    leadsTo(url: string) {
      target = url;
    },
    close: () => server.close(),
  };
}
