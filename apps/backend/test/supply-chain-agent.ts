import { a2aApp, createCard } from '@aauth-stack/a2a/server';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { PolicyError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { problemResponse } from '@aauth-stack/aauth/problem';
import {
  createResource,
  formatForwardedHeaders,
  proxySecretHeader,
  resourceMetadata,
} from '@aauth-stack/aauth/resource';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import { sixMonthReport } from '../src/runs/testing/report.ts';

const identifiers = { allowLoopback: true };
const proxySecret = 'proxy-secret-of-the-tests-0123456789';
const scopes = { descriptions: { 'supply-chain:read': 'Read the plan' }, defaults: ['supply-chain:read'] };

/** The supply-chain agent behind its proxy, in one process. It asks for what it is told to and answers everybody the same. */
export async function startSupplyChainAgent(access: 'agent-token' | 'auth-token') {
  const { log } = captureLog();
  const front = new Hono();
  const server = await serve({ fetch: front.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const identifier = parseServerIdentifier(server.url, identifiers);
  const signingKey = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'rs-1' });
  const additionalComponents = ['@query', 'content-type', 'content-digest'];
  const jwksUri = `${identifier}/.well-known/jwks.json`;
  const discovery = createDiscovery({
    fetch: createEgressFetch({ allowLoopback: true }),
    identifiers,
    keys: nodeKeys,
  });
  const resource = createResource({
    discovery,
    identifiers,
    identifier,
    keys: nodeKeys,
    access,
    signingKey,
    scopes,
    additionalComponents,
  });
  const card = createCard({
    name: 'Supply Chain Optimizer Agent',
    description: 'Stands in for the real one.',
    version: '1.0.0',
    url: `${identifier}/`,
    iconUrl: 'https://supply-optimizer.demo.com/icon.png',
    documentationUrl: 'https://docs.demo.corp/agents/supply-chain-optimizer',
    scopes: [],
    skills: [],
  });
  const agent = a2aApp({
    card,
    extendedCard: card,
    proxySecret,
    execute: async () => ({ text: '# Supply Chain Optimization Analysis', data: { ...sixMonthReport } }),
    log,
    now: () => new Date(),
  });
  /** Who was let through. */
  const callers: Record<string, string>[] = [];
  let isDenying = false;

  front.get('/.well-known/aauth-resource.json', (c) =>
    c.json(
      resourceMetadata({
        identifier,
        identifiers,
        access,
        jwksUri,
        scopeDescriptions: scopes.descriptions,
        additionalSignatureComponents: additionalComponents,
      }),
    ),
  );
  front.get('/.well-known/jwks.json', (c) => c.json({ keys: [{ ...signingKey.publicJwk, kid: 'rs-1' }] }));
  front.post('/', async (c) => {
    const verdict = await resource.verifyRequest(c.req.raw);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    if (isDenying) return problemResponse(new PolicyError('denied', 'The policy does not admit this request.'));
    const forwarded = formatForwardedHeaders(verdict.principal);
    callers.push(forwarded);
    const headers = new Headers(c.req.raw.headers);
    for (const [name, value] of Object.entries({ ...forwarded, [proxySecretHeader]: proxySecret }))
      headers.set(name, value);
    const body = await c.req.arrayBuffer();
    return agent.fetch(new Request(c.req.url, { method: 'POST', headers, body }));
  });
  return {
    identifier,
    callers,
    denyAll() {
      isDenying = true;
    },
    close: () => server.close(),
  };
}
