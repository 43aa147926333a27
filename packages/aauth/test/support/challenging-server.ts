import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import { type AAuthEnv, aauth } from '../../src/hono/aauth.ts';
import { agentDomain, parseAgentIdentifier, parseServerIdentifier } from '../../src/identifiers.ts';
import { createEgressFetch } from '../../src/node/egress.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import type { ResourceOptions } from '../../src/resource/options.ts';
import { createResource } from '../../src/resource/resource.ts';
import { createRevocationEndpoint } from '../../src/resource/revocation.ts';
import { createRevocationStore } from '../../src/resource/revocation-store.ts';
import type { AccessMode, Verdict } from '../../src/resource/types.ts';
import { jwksUriSignatureKey, jwtSignatureKey } from '../../src/signatures/index.ts';
import { issueAgentToken } from '../../src/tokens/agent-token.ts';
import { issueAuthToken } from '../../src/tokens/auth-token.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import { issuePersonToken } from '../../src/tokens/person-token.ts';
import { metadataDocuments } from '../../src/tokens/types.ts';
import { createTestClock } from './clock.ts';
import { type IssuerServer, startIssuer } from './issuer-server.ts';
import { createKey } from './keys.ts';
import { createRequests, type SigningChanges, type TestRequest } from './requests.ts';
import { startServer } from './server.ts';
import type { TokenChanges } from './three-parties.ts';

const identifiers = { allowLoopback: true };
const identifier = parseServerIdentifier('http://inventory.localhost:3000', identifiers);

export const scopeDescriptions = {
  'stock:read': 'See what is in stock.',
  'stock:order': 'Order what is missing.',
  'require:user': 'Be asked each time.',
};

/**
 * An agent provider, a Person Server and a resource that asks for more than an agent token, each on a free port, and an agent of
 * a person. The resource has `GET /stock`, `POST /orders` (scope `stock:order`, or `orderScopes`), `POST /authorize` and `POST /revoke`.
 */
export async function startChallengingServer<const Access extends AccessMode = 'auth-token'>(
  change: Partial<ResourceOptions<Access>> & { readonly access?: Access } = {},
  orderScopes: readonly string[] = ['stock:order'],
) {
  const clock = createTestClock();
  const agentKey = await createKey();
  const ap = await startIssuer('ap', metadataDocuments.agentProvider);
  const ps = await startIssuer('ps', metadataDocuments.personServer, { scopes_supported: ['openid', 'email'] });
  const resourceKey = await createKey('inventory-1');
  const discovery = createDiscovery({
    fetch: createEgressFetch({ allowLoopback: true, timeoutMs: 1000 }),
    keys: nodeKeys,
    now: clock.now,
    identifiers,
  });
  const common = { discovery, identifiers, identifier, keys: nodeKeys, now: clock.now };
  const revocations = createRevocationStore({ now: clock.now });
  const verdicts: Verdict[] = [];
  const reached: string[] = [];
  const resource = createResource({
    ...common,
    access: 'auth-token',
    agentProviders: [{ issuer: ap.identifier }],
    personServers: [{ issuer: ps.identifier }],
    signingKey: resourceKey,
    scopes: { descriptions: scopeDescriptions, defaults: ['stock:read'], identity: ['email', 'phone'] },
    accounts: (account) => account === 'main',
    additionalComponents: ['@query', 'content-type', 'content-digest'],
    revoked: revocations.isRevoked,
    observe: (verdict) => verdicts.push(verdict),
    ...change,
  });
  const revoke = createRevocationEndpoint({
    ...common,
    accepted: [
      { issuer: ps.identifier, dwk: metadataDocuments.personServer },
      { issuer: ap.identifier, dwk: metadataDocuments.agentProvider },
    ],
    store: revocations,
  });

  const app = new Hono<AAuthEnv>();
  app.get('/stock', aauth(resource), (c) => {
    reached.push('read');
    return c.json({ level: c.get('aauth').principal.level });
  });
  app.post('/orders', aauth(resource, { requiredScopes: orderScopes }), async (c) => {
    reached.push('order');
    return c.json({ level: c.get('aauth').principal.level, order: await c.req.json() });
  });
  app.post('/authorize', async (c) => {
    const { response } = await resource.authorizeRequest(c.req.raw);
    return new Response(response.body, response);
  });
  app.post('/revoke', (c) => revoke(c.req.raw));
  const adaptor = createAdaptorServer({ fetch: app.fetch });
  const { port } = await startServer((req, res) => adaptor.emit('request', req, res));

  const base = () => ({ cnf: agentKey.publicJwk, now: clock.now, notAfter: [] });
  const toResource = () => ({ ...base(), issuer: ps.identifier, audience: identifier, subject: 'p-1', key: ps.key });
  const resign = (type: string, claims: object, { key }: IssuerServer, changes: TokenChanges) =>
    signJwt(changes.type ?? type, { ...claims, ...changes.claims }, changes.key ?? key, changes.header);

  async function agentToken(changes: TokenChanges = {}) {
    const agent = parseAgentIdentifier(`aauth:demo@${agentDomain(ap.identifier)}`).id;
    const { claims } = await issueAgentToken({ ...base(), issuer: ap.identifier, subject: agent, key: ap.key });
    return resign('aa-agent+jwt', claims, ap, changes);
  }
  async function personToken(changes: TokenChanges = {}) {
    return resign('aa-person+jwt', (await issuePersonToken(toResource())).claims, ps, changes);
  }
  async function authToken(changes: TokenChanges = {}) {
    const granted = { ...toResource(), personServer: ps.identifier, scope: ['stock:read'] };
    return resign('aa-auth+jwt', (await issueAuthToken(granted)).claims, ps, changes);
  }

  const { sign, send } = createRequests({
    origin: identifier,
    target: '/stock?item=1',
    port: () => port,
    now: clock.now,
    key: agentKey,
    token: authToken,
  });

  /** Sends a request of the agent with that token. */
  async function present(token: string | Promise<string>, request: TestRequest = {}, changes: SigningChanges = {}) {
    clock.advance(1);
    return send(request, await sign(request, { signatureKey: jwtSignatureKey(await token), ...changes }));
  }

  /** Sends a revocation that the server signs. */
  async function revokeAs(
    server: IssuerServer,
    body: object | string,
    changes: SigningChanges & { dwk?: string } = {},
  ) {
    const dwk = changes.dwk ?? (server === ap ? metadataDocuments.agentProvider : metadataDocuments.personServer);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const request = { method: 'POST', target: '/revoke', body: text };
    const signatureKey = jwksUriSignatureKey({ id: server.identifier, dwk, kid: server.key.kid ?? '' });
    return send(request, await sign(request, { key: server.key, signatureKey, ...changes }));
  }

  return {
    ap,
    ps,
    clock,
    discovery,
    identifier,
    agentKey,
    resourceKey,
    resource,
    revocations,
    verdicts,
    reached,
    agentToken,
    personToken,
    authToken,
    sign,
    send,
    present,
    revokeAs,
  };
}
