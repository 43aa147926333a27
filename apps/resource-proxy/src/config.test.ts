import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { StartupError } from '@aauth-stack/service/main';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const inInfra = (file: string) => fileURLToPath(new URL(`../../../infra/gateway/${file}`, import.meta.url));

const AAUTH_PROXY_SECRET = 'a-secret-of-the-tests-0123456789abcdef';

test('the demo files are the default, and need nothing but the secret', () => {
  const config = loadConfig({ AAUTH_PROXY_SECRET });
  expect(config.gateway?.binds.map(({ port }) => port)).toEqual([3000]);
  expect(config.resources.listen).toMatchObject({ grpc: { port: 7070 }, http: { port: 8081 } });
  expect(config.resources.resources.map(({ id }) => id)).toEqual([
    'supply-chain-agent',
    'market-analysis-agent',
    'inventory',
  ]);
  expect(config.remarks).toEqual([]);
});

test('W17: every resource of the demo pins its agent provider, and every protected route has a rule that names it', () => {
  const { gateway, resources } = loadConfig({ AAUTH_PROXY_SECRET, AGENT_PROVIDER_URL: 'https://ap.example' });
  expect(gateway?.binds).not.toEqual([]);
  for (const { agentServers } of resources.resources) {
    expect(agentServers).toEqual([{ issuer: 'https://ap.example', jwksUri: undefined }]);
  }
  const listeners = gateway?.binds.flatMap((bind) => bind.listeners) ?? [];
  for (const { routes } of listeners) {
    const protections = routes.flatMap(({ protection }) => protection ?? []);
    expect(protections.map(({ rules }) => rules?.map(({ expression }) => expression))).toEqual([
      ['extauthz.sub.endsWith("@ap.example")'],
    ]);
  }
});

const mode3 = { GATEWAY_CONFIG: inInfra('config-policy.yaml'), AAUTH_CONFIG: inInfra('aauth-config-mode3.yaml') };

test('mode3: every resource demands an auth token of the Person Server, and every rule is about it and the scopes', () => {
  const PERSON_SERVER_URL = 'https://ps.example';
  const { gateway, resources, remarks } = loadConfig({ AAUTH_PROXY_SECRET, PERSON_SERVER_URL, ...mode3 });
  expect(remarks).toEqual([]);
  for (const resource of resources.resources) {
    expect(resource).toMatchObject({
      access: 'auth-token',
      asksForAuthTokens: true,
      personServers: [{ issuer: 'https://ps.example' }],
    });
  }
  const rules = gateway?.binds
    .flatMap(({ listeners }) => listeners.flatMap(({ routes }) => routes))
    .flatMap(({ protection }) => protection?.rules ?? [])
    .map(({ expression }) => expression);
  expect(rules).toEqual([
    'extauthz.ps == "https://ps.example" && "supply-chain:read" in extauthz.scopes',
    'extauthz.ps == "https://ps.example" && "market-analysis:analyze" in extauthz.scopes',
    'extauthz.ps == "https://ps.example" && "inventory:read" in extauthz.scopes',
    'extauthz.ps == "https://ps.example" && "inventory:read" in extauthz.scopes',
  ]);
});

test('AAUTH_MODE names the pair of files, and a file that is named itself wins', () => {
  const load = (environment: Record<string, string>) => loadConfig({ AAUTH_PROXY_SECRET, ...environment });
  expect(JSON.stringify(load({ AAUTH_MODE: 'mode3' }))).toBe(JSON.stringify(load(mode3)));
  expect(JSON.stringify(load({ AAUTH_MODE: 'mode1' }))).toBe(JSON.stringify(load({})));
  const AAUTH_CONFIG = inInfra('aauth-config-user-consent.yaml');
  expect(JSON.stringify(load({ AAUTH_MODE: 'mode3', AAUTH_CONFIG }))).toBe(
    JSON.stringify(load({ AAUTH_MODE: 'user-consent' })),
  );
  expect(() => load({ AAUTH_MODE: 'mode2' })).toThrow('AAUTH_MODE="mode2" is wrong: one of mode1, mode3, user-consent');
});

test('the gateway is off where that is said, and where only the resources are named', () => {
  const AAUTH_CONFIG = mode3.AAUTH_CONFIG;
  for (const environment of [{ GATEWAY_CONFIG: 'none', AAUTH_MODE: 'mode3' }, { AAUTH_CONFIG }]) {
    const { gateway, resources } = loadConfig(environment);
    expect(gateway).toBeUndefined();
    expect(resources.resources).toHaveLength(3);
  }
  expect(loadConfig({ GATEWAY_CONFIG: 'none' }).remarks).toEqual([]);
  expect(loadConfig({ AAUTH_CONFIG }).remarks).toEqual([expect.stringContaining('GATEWAY_CONFIG is not set')]);
});

test('user-consent: is mode3, and the supply-chain agent also asks for what only the person grants', () => {
  const AAUTH_CONFIG = inInfra('aauth-config-user-consent.yaml');
  const consent = loadConfig({ AAUTH_PROXY_SECRET, ...mode3, AAUTH_CONFIG });
  const { gateway, resources } = loadConfig({ AAUTH_PROXY_SECRET, ...mode3 });
  expect(consent.remarks).toEqual([]);
  expect(JSON.stringify(consent.gateway)).toBe(JSON.stringify(gateway));
  const [supplyChain, ...others] = resources.resources;
  expect(consent.resources.resources).toEqual([
    {
      ...supplyChain,
      supportedScopes: [...(supplyChain?.supportedScopes ?? []), 'require:user'],
      scopeDescriptions: { ...supplyChain?.scopeDescriptions, 'require:user': expect.any(String) },
      defaultScopes: ['supply-chain:check', 'supply-chain:read', 'require:user'],
    },
    ...others,
  ]);
});

test('mode3: the agents that call others for their callers are given their tokens, and only whom they call knows them as providers', () => {
  const { resources } = loadConfig({ AAUTH_PROXY_SECRET, ...mode3 });
  const own = 'http://agent-provider.localhost:8766';
  expect(resources.resources).toMatchObject([
    { id: 'supply-chain-agent', forwardToken: true, agentServers: [{ issuer: own }] },
    {
      id: 'market-analysis-agent',
      forwardToken: true,
      agentServers: [{ issuer: own }, { issuer: 'http://supply-chain-agent.localhost:3000' }],
    },
    {
      id: 'inventory',
      forwardToken: false,
      agentServers: [{ issuer: own }, { issuer: 'http://market-analysis-agent.localhost:3000' }],
    },
  ]);
});

test('W3: addresses that the metadata names, and that no route leads to, are pointed out at start', () => {
  const at = inInfra('config.yaml');
  const { remarks } = loadConfig({ AAUTH_PROXY_SECRET, AAUTH_CONFIG: mode3.AAUTH_CONFIG, GATEWAY_CONFIG: at });
  expect(remarks).toEqual(
    ['supply-chain-agent', 'market-analysis-agent', 'inventory'].map(
      (id) =>
        `${at}: resource ${id} publishes http://${id}.localhost:3000/resource/token, and no public route leads there (POST)`,
    ),
  );
});

test.each([
  ['mode1', {}],
  ['mode3', mode3],
])('%s: no route of the demo is open to paths that nobody listed', (_mode, files) => {
  const { gateway } = loadConfig({ AAUTH_PROXY_SECRET, ...files });
  const open = (gateway?.binds ?? [])
    .flatMap(({ listeners }) => listeners.flatMap(({ routes }) => routes))
    .filter(({ protection }) => !protection)
    .flatMap(({ matches }) => matches.map(({ path }) => path));
  // Beside single paths, the pages on which the supply-chain agent sends people on: one for each of its calls.
  const pages = { prefix: '/interaction/' };
  expect(open.filter((path) => !('exact' in path) && path.prefix !== pages.prefix)).toEqual([]);
});

test.each([
  ['no secret', {}, /AAUTH_PROXY_SECRET is not set: a secret of at least 32 characters/],
  [
    'a short secret',
    { AAUTH_PROXY_SECRET: 'shortsecret' },
    /AAUTH_PROXY_SECRET="\*\*\*" is wrong: a secret of at least 32/,
  ],
  ['a secret that no header can carry', { AAUTH_PROXY_SECRET: `${AAUTH_PROXY_SECRET} é` }, /visible ASCII/],
  [
    'no such file',
    { AAUTH_PROXY_SECRET, AAUTH_CONFIG: '/nowhere/aauth.yaml' },
    /^\/nowhere\/aauth\.yaml: there is no such file$/,
  ],
  [
    'loopback identifiers in production',
    { AAUTH_PROXY_SECRET, NODE_ENV: 'production' },
    /AGENT_PROVIDER_URL .*AAUTH_ALLOW_LOOPBACK.*PERSON_SERVER_URL .*AAUTH_ALLOW_LOOPBACK/,
  ],
  [
    'no secret for a resource that forwards it',
    { AAUTH_CONFIG: inInfra('../envoy/aauth-config.yaml') },
    /AAUTH_PROXY_SECRET is not set: .* \(needed by forward_proxy_secret of resource notes\)/,
  ],
  ['a timeout that is none', { AAUTH_PROXY_SECRET, UPSTREAM_TIMEOUT: 'soon' }, /UPSTREAM_TIMEOUT="soon" is wrong/],
])('%s stops the start', (_name, environment, reason) => {
  const load = () => loadConfig(environment);
  expect(load).toThrow(StartupError);
  expect(load).toThrow(reason);
});

test('WORKERS is a number or one for each core, and more than one need a database that they share', () => {
  const DATABASE_URL = 'postgres://proxy@localhost/resource_proxy';
  expect(loadConfig({ AAUTH_PROXY_SECRET }).workers).toBe(1);
  expect(loadConfig({ AAUTH_PROXY_SECRET, DATABASE_URL, WORKERS: '3' }).workers).toBe(3);
  expect(loadConfig({ AAUTH_PROXY_SECRET, DATABASE_URL, WORKERS: 'auto' }).workers).toBe(availableParallelism());
  expect(() => loadConfig({ AAUTH_PROXY_SECRET, WORKERS: '2' })).toThrow(/^DATABASE_URL \(with WORKERS=2\) is not set/);
  for (const WORKERS of ['0', '65', 'many', '1.5']) {
    expect(() => loadConfig({ AAUTH_PROXY_SECRET, DATABASE_URL, WORKERS })).toThrow(/^WORKERS="/);
  }
});
