import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { decodeTokenForDisplay, type IssuedAuthToken } from '@aauth-stack/aauth/tokens';
import { afterEach, expect, test } from 'vitest';
import { type Answer, send } from '../testing/client.ts';
import { type ProxyOptions, startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

afterEach(() => proxy.close());

const requiring = (scopes: string): ProxyOptions => ({
  mode: 'mode3',
  gateway: (text) =>
    text.replace(/( +)aauth_resource_id: supply-chain-agent\n/, `$&$1aauth_required_scopes: ${scopes}\n`),
});

const grant = (...scope: string[]): Promise<IssuedAuthToken> =>
  proxy.personServer.grant(proxy.agent, proxy.supplyChain, { scope });

async function call(token: string): Promise<Answer> {
  proxy.clock.now += 1;
  return send(proxy.port, await proxy.signed({ token }));
}

const challenge = ({ headers }: Answer) => {
  const header = parseRequirement(String(headers['aauth-requirement']));
  return {
    requirement: header?.requirement,
    claims: decodeTokenForDisplay(header?.parameters['resource-token'] ?? '')?.claims,
  };
};

test('a route that requires a scope asks for it, on top of what was granted, and then lets the call through', async () => {
  proxy = await startProxy(requiring('supply-chain:optimize'));
  const held = await grant('supply-chain:read');
  const answer = await call(held.token);
  expect(answer.status).toBe(401);
  expect(answer.headers).not.toHaveProperty('signature-error');
  expect(JSON.parse(answer.text)).toMatchObject({ error: 'insufficient_scope' });
  expect(challenge(answer)).toEqual({
    requirement: 'auth-token',
    claims: expect.objectContaining({
      presented_jti: held.jti,
      ps: proxy.personServer.issuer,
      scope: 'supply-chain:read supply-chain:optimize',
    }),
  });
  expect(proxy.checks().at(-1)).toMatchObject({ result: 'challenged', reason: 'insufficient_scope' });
  expect(proxy.backend.count()).toBe(0);

  const wider = await grant('supply-chain:read', 'supply-chain:optimize');
  expect((await call(wider.token)).status).toBe(200);
});

test('a person token is asked for what the route requires beside the defaults', async () => {
  proxy = await startProxy(requiring('supply-chain:optimize'));
  const { token } = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
  const { claims } = challenge(await call(token));
  expect(claims?.scope).toBe('supply-chain:check supply-chain:read supply-chain:optimize');
});

test('what a rule misses is never asked for: 403', async () => {
  proxy = await startProxy(requiring('supply-chain:check'));
  expect(await call((await grant('supply-chain:check')).token)).toMatchObject({ status: 403 });
});

const personAccess: ProxyOptions = {
  mode: 'mode3',
  resources: (text) => text.replaceAll('require: auth-token', 'require: person-token'),
  gateway: (text) => text.replaceAll(/ &&\n +"[^"]+" in extauthz\.scopes/g, ''),
};

test('access by person identity: the person token is enough, an agent token is not, an auth token is more', async () => {
  proxy = await startProxy(personAccess);
  const refused = await call(proxy.agent.token);
  expect(refused).toMatchObject({ status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
  expect(proxy.backend.count()).toBe(0);
  const { token } = await proxy.personServer.person(proxy.agent, proxy.supplyChain);
  expect((await call(token)).status).toBe(200);
  expect(proxy.backend.received.at(-1)?.headers).toMatchObject({
    'x-aauth-level': 'person',
    'x-aauth-token-type': 'aa-person+jwt',
    'x-aauth-sub': 'directed-person-1',
    'x-aauth-token': token,
  });
  expect((await call((await grant()).token)).status).toBe(200);
  const host = { host: proxy.authority };
  const metadata = await send(proxy.port, {
    method: 'GET',
    target: '/.well-known/aauth-resource.json',
    headers: host,
    body: '',
  });
  expect(JSON.parse(metadata.text)).toMatchObject({ access_mode: 'person-token' });
});

test('a body too large to be read first, and not the signed one, is refused with what this resource asks for', async () => {
  proxy = await startProxy({ mode: 'mode3' });
  const { token } = await grant('supply-chain:read');
  const body = 'x'.repeat(1024 * 1024 + 1);
  const request = await proxy.signed({ token, body });
  expect((await send(proxy.port, request)).status).toBe(200);
  proxy.clock.now += 1;
  const altered = { ...(await proxy.signed({ token, body })), body: `y${body.slice(1)}` };
  expect(await send(proxy.port, altered)).toMatchObject({
    status: 401,
    headers: { 'signature-error': 'error=invalid_signature', 'aauth-requirement': 'requirement=person-token' },
  });
});
