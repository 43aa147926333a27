import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type SignedRequestOptions, send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy({ mode: 'mode3' });
});

afterAll(() => proxy.close());

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

const personToken = async () => (await proxy.personServer.person(proxy.agent, proxy.supplyChain)).token;

async function ask(body: unknown, token: string, options: Partial<SignedRequestOptions> = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(proxy.port, await proxy.signed({ target: '/resource/token', body: text, token, ...options }));
}

test('W3: the metadata says where, and the gateway leads there', async () => {
  const { text } = await send(proxy.port, {
    method: 'GET',
    target: '/.well-known/aauth-resource.json',
    headers: { host: proxy.authority },
    body: '',
  });
  expect(JSON.parse(text)).toMatchObject({
    access_mode: 'auth-token',
    authorization_endpoint: `${proxy.supplyChain}/resource/token`,
    revocation_endpoint: `${proxy.supplyChain}/resource/revoke`,
    jwks_uri: `${proxy.supplyChain}/.well-known/jwks.json`,
    scope_descriptions: { 'supply-chain:optimize': 'Propose purchases' },
  });
});

test('a person token gets a resource token for the scopes it asks for', async () => {
  const person = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
  const answer = await ask({ scope: 'supply-chain:optimize' }, person.token);
  expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
  const { resource_token: compact } = JSON.parse(answer.text);
  expect(decodeTokenForDisplay(compact)).toMatchObject({
    header: { typ: 'aa-resource+jwt', kid: 'spa-rsk-1' },
    claims: {
      iss: proxy.supplyChain,
      aud: proxy.personServer.issuer,
      presented_jti: person.jti,
      agent_jkt: proxy.agent.key.thumbprint,
      scope: 'supply-chain:optimize',
    },
  });
  expect(proxy.checks().at(-1)).toMatchObject({
    result: 'challenged',
    requirement: 'auth-token',
    path: '/resource/token',
    resource_token_jti: decodeTokenForDisplay(compact)?.claims.jti,
  });
  expect(JSON.stringify(proxy.lines())).not.toContain(compact.split('.')[2]);
});

test('an auth token that grants it already is told so; one that does not gets a resource token', async () => {
  const { token, jti } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
  const held = await ask({ scope: 'supply-chain:read' }, token);
  expect(JSON.parse(held.text)).toEqual({ status: 'authorized', scope: 'supply-chain:read' });
  expect(proxy.checks().at(-1)).toMatchObject({ result: 'allowed', path: '/resource/token' });
  proxy.clock.now += 1;
  const more = JSON.parse((await ask({ scope: 'supply-chain:optimize' }, token)).text);
  expect(decodeTokenForDisplay(more.resource_token)?.claims).toMatchObject({ presented_jti: jti });
});

describe('refused', () => {
  test.each([
    ['a scope that the resource does not have', { scope: 'market-analysis:analyze' }, 'invalid_scope'],
    ['a scope that only begins like one', { scope: 'supply-chain:re' }, 'invalid_scope'],
    ['no scope', {}, 'invalid_request'],
    ['an empty scope', { scope: '' }, 'invalid_request'],
    ['a scope that is a list', { scope: ['supply-chain:read'] }, 'invalid_request'],
    ['an account', { scope: 'supply-chain:read', account: 'acme' }, 'invalid_account'],
    ['malformed JSON', '{"scope"', 'invalid_request'],
    ['a body that is no object', '[]', 'invalid_request'],
  ])('%s', async (_name, body, code) => {
    const token = await personToken();
    expect((await ask({ scope: 'supply-chain:read' }, token)).status).toBe(200);
    proxy.clock.now += 1;
    const answer = await ask(body, token);
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: code });
    expect(proxy.checks().at(-1)).toMatchObject({ result: 'error', reason: code });
  });

  test('an agent token: present a person token', async () => {
    expect(await ask({ scope: 'supply-chain:read' }, proxy.agent.token)).toMatchObject({
      status: 401,
      headers: { 'aauth-requirement': 'requirement=person-token' },
    });
  });

  test('a person token for another resource, and one that another key signs with', async () => {
    const { token } = await proxy.personServer.person(proxy.agent, proxy.marketAnalysis);
    expect(await ask({ scope: 'supply-chain:read' }, token)).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=invalid_jwt' },
    });
    proxy.clock.now += 1;
    const { key } = await proxy.provider.agent();
    expect(await ask({ scope: 'supply-chain:read' }, await personToken(), { key })).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=invalid_signature' },
    });
  });

  test('the same request again', async () => {
    const token = await personToken();
    const request = await proxy.signed({ target: '/resource/token', body: '{"scope":"supply-chain:read"}', token });
    expect((await send(proxy.port, request)).status).toBe(200);
    expect(await send(proxy.port, request)).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=invalid_signature' },
    });
  });

  test('in mode1 there is none', async () => {
    const identity = await startProxy();
    try {
      const request = { target: '/resource/token', body: '{"scope":"supply-chain:read"}' };
      for (const port of [identity.port, identity.apiPort]) {
        expect((await send(port, await identity.signed(request))).status).toBe(404);
      }
    } finally {
      await identity.close();
    }
  });

  test('without the key that it signs with, the proxy does not start', async () => {
    await expect(startProxy({ mode: 'mode3', keys: async () => {} })).rejects.toThrow(
      /signing key of resource "[a-z-]+" .*-resource-key\.pem/,
    );
  });
});
