import { afterEach, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { newKey } from '../testing/issuer.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

afterEach(() => proxy.close());

const withRules = (...rules: string[]) => ({
  gateway: (text: string) =>
    text.replaceAll(/\n( *)- extauthz\.sub\.endsWith.*/g, rules.map((rule) => `\n$1- '${rule}'`).join('')),
});

const signatureHeaders = ['signature-error', 'accept-signature-scheme', 'accept-signature-alg', 'aauth-requirement'];

test('the rule of mode1 admits agents of the provider', async () => {
  proxy = await startProxy();
  expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
  expect(proxy.checks()).toEqual([
    expect.objectContaining({
      resource_id: 'supply-chain-agent',
      level: 'identified',
      agent_server: proxy.provider.issuer,
      delegate: proxy.agent.id,
      result: 'allowed',
      latency_ms: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    }),
  ]);
});

test('and nobody else: 403 without signature headers', async () => {
  proxy = await startProxy({ environment: { AGENT_PROVIDER_DOMAIN: 'other.example' } });
  const answer = await send(proxy.port, await proxy.signed());
  expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } });
  expect(JSON.parse(answer.text)).toMatchObject({ status: 403, error: 'denied' });
  for (const name of signatureHeaders) expect(answer.headers).not.toHaveProperty(name);
  expect(proxy.checks()).toEqual([
    expect.objectContaining({ result: 'denied', reason: 'denied', delegate: proxy.agent.id }),
  ]);
  expect(proxy.backend.count()).toBe(0);
});

test('rules are alternatives, and one without a value counts as false and is logged', async () => {
  proxy = await startProxy(withRules('extauthz.act.sub == extauthz.agent', 'extauthz.level == "identified"'));
  expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
  expect(proxy.lines()).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      rule: 'extauthz.act.sub == extauthz.agent',
      resource_id: 'supply-chain-agent',
    }),
  );
});

test('a rule without a value refuses', async () => {
  proxy = await startProxy(withRules('extauthz.act.sub == extauthz.agent'));
  expect((await send(proxy.port, await proxy.signed())).status).toBe(403);
  expect(proxy.checks()).toEqual([expect.objectContaining({ result: 'policy_error', reason: 'denied' })]);
  expect(proxy.backend.count()).toBe(0);
});

test('W20: rules see the facts that the known demo left empty', async () => {
  proxy = await startProxy(
    withRules(
      'aauth.scheme == "jwt" && aauth.token_type == "aa-agent+jwt" && aauth.agent == extauthz.sub && aauth.claims.iss == extauthz.issuer && extauthz.agent_server == extauthz.issuer && request.path == "/" && request.headers["x-team"] == "blue"',
    ),
  );
  expect((await send(proxy.port, await proxy.signed({ headers: { 'x-team': 'blue' } }))).status).toBe(200);
  proxy.clock.now += 1;
  expect((await send(proxy.port, await proxy.signed({ headers: { 'x-team': 'red' } }))).status).toBe(403);
});

test('the rule is not reached by a request that is not verified', async () => {
  proxy = await startProxy(withRules('true'));
  expect((await send(proxy.port, await proxy.signed({ key: await newKey() }))).status).toBe(401);
  expect(proxy.backend.count()).toBe(0);
});
