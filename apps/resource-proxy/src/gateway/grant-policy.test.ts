import { afterEach, expect, test } from 'vitest';
import { type Answer, send } from '../testing/client.ts';
import { forge } from '../testing/forge.ts';
import { subject } from '../testing/person-server.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

afterEach(() => proxy.close());

/** mode3 with other rules for the supply-chain agent. */
async function startWith(...rules: string[]): Promise<void> {
  const written = rules.map((rule) => `\n                  - '${rule}'`).join('');
  proxy = await startProxy({
    mode: 'mode3',
    gateway: (text) => text.replace(/\n +- >-\n.*\n +"supply-chain:read" in extauthz\.scopes/, written),
  });
}

async function call(claims: object = {}): Promise<Answer> {
  proxy.clock.now += 1;
  const { token } = await proxy.personServer.grant(proxy.agent, proxy.supplyChain);
  return send(proxy.port, await proxy.signed({ token: await forge(token, { claims }, proxy.personServer.key) }));
}

/** The rule of the known demo, whose tokens named the agent. */
const knownRule =
  'extauthz.act.sub == extauthz.agent && extauthz.agent.endsWith("agent-server.example") && extauthz.scope.contains("supply-chain:read")';

const noValue = () => proxy.lines().filter(({ msg }) => String(msg).startsWith('a rule has no value'));

test('rules see what is known of a grant, under both names', async () => {
  const facts = [
    'level == "authorized"',
    'scheme == "jwt"',
    'token_type == "aa-auth+jwt"',
    'key_id == "ps-1"',
    'issuer == extauthz.ps',
    `sub == "${subject}"`,
    'scope == "supply-chain:check supply-chain:read"',
    'scopes == ["supply-chain:check", "supply-chain:read"]',
  ];
  const rule = ['extauthz', 'aauth'].flatMap((name) => facts.map((fact) => `${name}.${fact}`)).join(' && ');
  await startWith(`${rule} && extauthz.jkt.size() == 43 && aauth.claims.tenant == "acme"`);
  expect((await call({ tenant: 'acme' })).status).toBe(200);
  expect((await call({ tenant: 'other' })).status).toBe(403);
});

test('no token names the agent: a rule that needs agent or act has no value, counts as false and is logged', async () => {
  await startWith(knownRule);
  expect((await call()).status).toBe(403);
  expect(proxy.checks()).toEqual([expect.objectContaining({ result: 'policy_error', reason: 'denied' })]);
  expect(noValue()).toEqual([expect.objectContaining({ level: 'warn', rule: knownRule })]);
  expect(proxy.backend.count()).toBe(0);
});

test('also when a Person Server writes agent and act into its token', async () => {
  await startWith(knownRule, 'has(extauthz.agent)', 'has(aauth.act)');
  const agent = 'aauth:a-12345678@agent-server.example';
  expect((await call({ agent, act: { sub: agent } })).status).toBe(403);
  expect(proxy.backend.count()).toBe(0);
});

test('a rule of the known demo beside one that can be true does no harm', async () => {
  await startWith(knownRule, '"supply-chain:read" in extauthz.scopes');
  expect((await call()).status).toBe(200);
  expect(noValue()).toHaveLength(1);
  expect((await call({ scope: 'supply-chain:read-all' })).status).toBe(403);
});
