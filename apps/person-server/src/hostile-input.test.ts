import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForAuthToken } from '../test/consent.ts';
import { type Deployment, startDeployment } from '../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../test/resource-peer.ts';
import { approvedAgent, ask, type TestAgent } from '../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({
    environment: { AAUTH_CONSENT_POLICY: 'standing', AAUTH_MAX_RESOURCES_PER_AGENT: '10000' },
  });
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});

// NUL and half of a surrogate pair are what PostgreSQL takes for no text.
const odd = fc.constantFrom('\0', 'a\0b', '\ud800', '\u202e', "' OR 1=1 --", '%', '_', '../..', '{}', 'x'.repeat(5000));
const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }), fc.uuid());
const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
const members = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });

test('whatever an agent asks for, it is an answer or a refusal', async () => {
  const names = [
    'justification',
    'login_hint',
    'platform',
    'device',
    'prompt',
    'tenant',
    'mission_s256',
    'upstream_token',
  ];
  const body = fc.record({
    path: fc.constantFrom('/person-token', '/auth-token'),
    said: members(...names, 'resource_token', 'presented_token', 'scope'),
    whole: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(body, async ({ path, said, whole }) => {
      deployment.clock.advance(1);
      const { status } = await ask(deployment, agent, path, whole ? { resource: resource.issuer, ...said } : said);
      expect(status).toBeLessThan(500);
    }),
  );
});

test('whatever the person’s page sends, it is an answer or a refusal', async () => {
  const id = fc.oneof(text, fc.uuid()).map((one) => encodeURIComponent(one.toWellFormed()));
  const path = fc.oneof(
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/person/activity?q=${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/person/activity?before=${one}&kind=${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/person/issued-tokens?agent=${one}&before=${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/person/bindings?before=${one}&limit=${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/consent?code=${one}&callback=${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/consent/${one}`),
    ),
    fc.tuple(
      fc.constant('GET'),
      id.map((one) => `/consent/${one}/return?flow=${one}&error=${one}`),
    ),
    fc.tuple(
      fc.constantFrom('POST'),
      id.map((one) => `/consent/${one}/decision`),
    ),
    fc.tuple(
      fc.constant('POST'),
      id.map((one) => `/person/bindings/${one}/revoke`),
    ),
    fc.tuple(
      fc.constant('POST'),
      id.map((one) => `/person/consents/${one}/withdraw`),
    ),
    fc.tuple(
      fc.constant('POST'),
      id.map((one) => `/person/issued-tokens/${one}/revoke`),
    ),
    fc.tuple(
      fc.constant('POST'),
      id.map((one) => `/person/registrations/${one}/approve`),
    ),
    fc.tuple(fc.constantFrom('POST', 'DELETE'), fc.constant('/person/trusted-agent-servers')),
    fc.tuple(fc.constant('PATCH'), fc.constant('/person/settings')),
    fc.tuple(fc.constant('POST'), fc.constant('/person/sessions/end')),
    fc.tuple(
      fc.constant('DELETE'),
      id.map((one) => `/person/sessions/${one}`),
    ),
  );
  const body = members(
    'approved',
    'decision',
    'scopes',
    'reason',
    'question',
    'remember',
    'issuer',
    'name',
    'consent_policy',
    'scope',
  );
  await fc.assert(
    fc.asyncProperty(path, body, async ([method, target], said) => {
      const withBody =
        method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(said) };
      const { status } = await deployment.asPerson(target, { method, ...withBody });
      expect(status, `${method} ${target}`).toBeLessThan(500);
    }),
  );
});

test.each(['a\0b', '\ud800', '\udc00\ud800'])(
  'a text that PostgreSQL does not hold, %j, is no failure of the server',
  async (odd) => {
    const search = await deployment.asPerson(`/person/activity?q=${encodeURIComponent(odd.toWellFormed())}`);
    expect(search.status).toBeLessThan(500);
    const reason = await askForAuthToken(deployment, agent, resource, { justification: odd });
    expect(reason.status).toBeLessThan(500);
  },
);
