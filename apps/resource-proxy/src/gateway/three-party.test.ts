import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { createResourceTokenVerifier } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, send } from '../testing/client.ts';
import { forge } from '../testing/forge.ts';
import { subject } from '../testing/person-server.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy({ mode: 'mode3' });
});

afterAll(() => proxy.close());

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

const call = async (token: string, authority = proxy.authority) =>
  send(proxy.port, await proxy.signed({ token, authority }));

/** The resource token of a challenge, which must be one without any signature header. */
function challengeOf(answer: Answer): string {
  expect(answer.status).toBe(401);
  expect(answer.headers).not.toHaveProperty('signature-error');
  const { requirement, parameters } = parseRequirement(String(answer.headers['aauth-requirement'])) ?? {};
  expect(requirement).toBe('auth-token');
  return parameters?.['resource-token'] ?? '';
}

function verifyResourceToken(compact: string) {
  const identifiers = { allowLoopback: true };
  const fetch = createEgressFetch({ allowLoopback: true });
  const now = () => proxy.clock.now;
  const discovery = createDiscovery({ fetch, keys: nodeKeys, now, identifiers });
  return createResourceTokenVerifier({ discovery, identifiers, keys: nodeKeys, now })(compact);
}

describe('what an agent presents, and what it is told', () => {
  test('an agent token: present a person token', async () => {
    const reached = proxy.backend.count();
    const answer = await call(proxy.agent.token);
    expect(answer).toMatchObject({ status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect(answer.headers).not.toHaveProperty('signature-error');
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'person_token_required' });
    expect(proxy.checks().at(-1)).toMatchObject({
      result: 'challenged',
      reason: 'person_token_required',
      requirement: 'person-token',
      level: 'identified',
      token_type: 'aa-agent+jwt',
      agent_server: proxy.provider.issuer,
      delegate: proxy.agent.id,
    });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('nothing at all: the same, and that nothing was signed', async () => {
    const answer = await send(proxy.port, {
      method: 'POST',
      target: '/',
      headers: { host: proxy.authority, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'aauth-requirement': 'requirement=person-token', 'signature-error': 'error=invalid_signature' },
    });
    expect(proxy.checks().at(-1)).toMatchObject({ result: 'challenged', requirement: 'person-token' });
  });

  test('a person token: exchange the resource token, which says what this resource knows and asks for', async () => {
    const reached = proxy.backend.count();
    const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
    const compact = challengeOf(await call(person.token));
    const token = await verifyResourceToken(compact);
    expect(token).toMatchObject({
      issuer: proxy.supplyChain,
      audience: proxy.personServer.issuer,
      personServer: proxy.personServer.issuer,
      subject,
      presentedJti: person.jti,
      agentJkt: proxy.agent.key.thumbprint,
      scope: ['supply-chain:check', 'supply-chain:read'],
      expiresAt: proxy.clock.now + 300,
    });
    expect(proxy.checks().at(-1)).toMatchObject({
      result: 'challenged',
      requirement: 'auth-token',
      level: 'person',
      token_type: 'aa-person+jwt',
      ps: proxy.personServer.issuer,
      delegate: subject,
      resource_token_jti: token.jti,
    });
    expect(proxy.backend.count()).toBe(reached);
    const [, , signature = 'absent'] = compact.split('.');
    expect(JSON.stringify(proxy.lines())).not.toContain(signature);
  });

  test('a mission and a tenant pass from the person token into the resource token', async () => {
    const missionS256 = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    const { token } = await proxy.personServer.person(proxy.agent, proxy.supplyChain, { missionS256, tenant: 'acme' });
    expect(await verifyResourceToken(challengeOf(await call(token)))).toMatchObject({ missionS256, tenant: 'acme' });
  });

  test('the auth token: the service gets the request, with who is calling', async () => {
    const { token } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
    expect(await call(token)).toMatchObject({ status: 200, text: '{"ok":true}' });
    const { headers = {} } = proxy.backend.received.at(-1) ?? {};
    const statements = Object.entries(headers).filter(([name]) => name.startsWith('x-aauth-'));
    expect(Object.fromEntries(statements)).toEqual({
      'x-aauth-level': 'authorized',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-auth+jwt',
      'x-aauth-jkt': proxy.agent.key.thumbprint,
      'x-aauth-person-server': proxy.personServer.issuer,
      'x-aauth-sub': subject,
      'x-aauth-scope': 'supply-chain:check supply-chain:read',
      'x-aauth-token': token,
      'x-aauth-proxy-secret': proxySecret,
    });
    expect(proxy.checks().at(-1)).toMatchObject({
      result: 'allowed',
      level: 'authorized',
      token_type: 'aa-auth+jwt',
      ps: proxy.personServer.issuer,
      scope: 'supply-chain:check supply-chain:read',
    });
    expect(proxy.checks().at(-1)).not.toHaveProperty('requirement');
  });
});

test('a service gets the token only where forward_token says so, and never one that a client wrote', async () => {
  const proxy = await startProxy({ mode: 'mode3', resources: (text) => text.replaceAll('forward_token: true', '') });
  onTestFinished(() => proxy.close());
  const authority = new URL(proxy.marketAnalysis).host;
  const { token } = await proxy.personServer.grant(proxy.agent, proxy.marketAnalysis, {
    scope: ['market-analysis:analyze'],
  });
  const headers = { 'x-aauth-token': 'forged', 'X-AAuth_Token': 'forged', 'x-aauth-sub': 'forged' };
  expect((await send(proxy.port, await proxy.signed({ token, authority, headers }))).status).toBe(200);
  const { rawHeaders = [] } = proxy.backend.received.at(-1) ?? {};
  expect(rawHeaders).not.toContain('forged');
  expect(rawHeaders.map((text) => text.toLowerCase())).not.toContain('x-aauth-token');
});

describe('an agent that is its own provider', () => {
  /** A token as the supply-chain agent issues it to itself, its documents served by the agent behind the gateway. */
  async function selfIssued(): Promise<string> {
    proxy.backend.answer((request, response) => {
      const documents: Record<string, object> = {
        '/.well-known/aauth-agent.json': {
          issuer: proxy.supplyChain,
          jwks_uri: `${proxy.supplyChain}/.well-known/aauth-agent-jwks.json`,
        },
        '/.well-known/aauth-agent-jwks.json': { keys: [proxy.provider.key.publicJwk] },
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(documents[request.url ?? ''] ?? {}));
    });
    const { issued } = await proxy.provider.agent('self', { cnf: proxy.agent.key.publicJwk });
    const claims = { ...issued.claims, iss: proxy.supplyChain, sub: `aauth:self@${proxy.authority}` };
    return forge(issued.token, { claims }, proxy.provider.key);
  }

  test('is asked for a person token where its provider is listed, and refused where it is not', async () => {
    const token = await selfIssued();
    const listed = await call(token, new URL(proxy.marketAnalysis).host);
    expect(listed).toMatchObject({ status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect(listed.headers).not.toHaveProperty('signature-error');
    expect(await call(token)).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_jwt' } });
    proxy.backend.answer();
  });
});

describe('the rule of mode3', () => {
  test.each([
    ['the scope it names', ['supply-chain:read'], 200],
    ['a scope that begins like it', ['supply-chain:read-all'], 403],
    ['a scope that contains it', ['x-supply-chain:read'], 403],
    ['the scope in another case', ['Supply-chain:read'], 403],
    ['another scope', ['supply-chain:check'], 403],
    ['no scope', [], 403],
  ])('%s', async (_name, scope, status) => {
    const reached = proxy.backend.count();
    const { token } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain, { scope });
    const answer = await call(token);
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'denied' });
    for (const name of ['signature-error', 'accept-signature-scheme', 'accept-signature-alg', 'aauth-requirement']) {
      expect(answer.headers).not.toHaveProperty(name);
    }
    expect(proxy.checks().at(-1)).toMatchObject({ reason: 'denied', delegate: subject });
    expect(proxy.backend.count()).toBe(reached);
  });
});

test('without authority_override, each of its hosts is a name that requests may be signed for, and no other is', async () => {
  const named = await startProxy({
    mode: 'mode3',
    resources: (text) => text.replaceAll(/ {4}authority_override: .*\n/g, ''),
  });
  try {
    const { token } = await named.personServer.grant(named.agent, named.supplyChain);
    const bare = named.authority.replace(/:\d+$/, '');
    for (const authority of [named.authority, bare]) {
      named.clock.now += 1;
      expect((await send(named.port, await named.signed({ token, authority }))).status).toBe(200);
    }
    const reached = named.backend.count();
    const elsewhere = await named.signed({ token, authority: new URL(named.marketAnalysis).host });
    const sent = { ...elsewhere, headers: { ...elsewhere.headers, host: bare } };
    expect(await send(named.port, sent)).toMatchObject({ headers: { 'signature-error': 'error=invalid_signature' } });
    expect(named.backend.count()).toBe(reached);
  } finally {
    await named.close();
  }
});
