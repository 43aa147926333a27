import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newKey, startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { signIn } from '../../test/browser-session.ts';
import {
  askForAuthToken,
  askForPersonToken,
  atPending,
  decide,
  poll,
  type Waiting,
  waiting,
} from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, personToken, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;
let presented: string;
let pending: Waiting;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  deployment.clock.advance(301);
  agent = await approvedAgent(deployment);
  presented = await personToken(deployment, agent, resource);
  const words = { presented, scope: ['read', 'write', 'require:user'], justification: 'To plan purchases' };
  pending = waiting(await askForAuthToken(deployment, agent, resource, words));
});

/** What Activity has of a request, the oldest first. */
async function life({ id }: Pick<Waiting, 'id'> = pending) {
  const answer = await deployment.asPerson('/person/activity?limit=200');
  const { entries } = Object(await answer.json());
  return entries.filter((entry: { pending_id: string | null }) => entry.pending_id === id).toReversed();
}

const asked = () => ({
  kind: 'consent-asked',
  outcome: 'done',
  agent_id: agent.id,
  agent_name: 'Backend App',
  resource: resource.issuer,
  scopes: ['read', 'write', 'require:user'],
  token_type: 'aa-auth+jwt',
  reason: 'scope-needs-person',
  justification: 'To plan purchases',
  via: null,
});

test('a request, the question about it, the answer, the approval in part and the token are all in Activity', async () => {
  const question = 'What do you need the stock for?';
  await decide(deployment, pending, { clarification_question: question });
  deployment.clock.advance(1);
  await atPending(deployment, agent, pending.path, {
    method: 'POST',
    body: { action: 'clarification_response', clarification_response: 'For *winter*' },
  });
  deployment.clock.advance(1);
  await decide(deployment, pending, { approved: true, scopes: ['read', 'require:user'], remember: true });
  expect((await poll(deployment, agent, pending)).status).toBe(200);
  const { kind: _, justification, reason, ...about } = asked();
  expect(await life()).toMatchObject([
    asked(),
    { ...about, kind: 'question-asked', detail: question, justification: null, via: 'bearer' },
    { ...about, kind: 'question-answered', detail: null, justification: 'For *winter*', via: null },
    {
      ...about,
      kind: 'consent-approved',
      scopes: ['read', 'require:user'],
      detail: 'Without write. Until it is withdrawn.',
      via: 'bearer',
    },
    { ...about, kind: 'token-issued', scopes: ['read', 'require:user'], reason: 'consent' },
  ]);
});

test('an updated request is there with what the agent asks for since', async () => {
  await decide(deployment, pending, { clarification_question: 'Why write?' });
  deployment.clock.advance(1);
  await atPending(deployment, agent, pending.path, {
    method: 'POST',
    body: {
      action: 'updated_request',
      resource_token: await resource.challenge(presented, { scope: ['read'] }),
      presented_token: presented,
      justification: 'Reading is enough',
    },
  });
  expect((await life()).at(-1)).toMatchObject({
    kind: 'question-answered',
    scopes: ['read'],
    justification: 'Reading is enough',
    detail: 'It asks for something else now.',
  });
});

test('a denial is there, by whoever signed in', async () => {
  const browser = await signIn(deployment);
  await browser.change('POST', `/consent/${pending.id}/decision`, { body: { approved: false } });
  expect(await life()).toMatchObject([asked(), { kind: 'consent-denied', via: 'cookie', outcome: 'done' }]);
});

const endings: [string, () => Promise<unknown>][] = [
  ['cancelled', () => atPending(deployment, agent, pending.path, { method: 'DELETE' })],
  ['revoked', () => deployment.asPerson(`/person/bindings/${encodeURIComponent(agent.id)}/revoke`, { method: 'POST' })],
  [
    'expired',
    async () => {
      deployment.clock.advance(601);
      await deployment.replicas()[1]?.maintain();
    },
  ],
  [
    'abandoned',
    async () => {
      await (await signIn(deployment)).get(`/consent?code=${pending.code}`);
      deployment.clock.advance(601);
      await deployment.replicas()[1]?.maintain();
    },
  ],
  [
    'invalid_code',
    async () => {
      const browser = await signIn(deployment);
      for (let n = 0; n < 10; n += 1) await browser.get('/consent?code=0000-0000');
    },
  ],
];

test.each(endings)('one that ends undecided is there with the reason: %s', async (reason, end) => {
  await end();
  deployment.useReplica(1);
  expect(await life()).toMatchObject([asked(), { kind: 'consent-ended', reason, via: null }]);
});

test('one that is settled by the answer to another is there with that answer', async () => {
  const restarted = await agentTokenOf(deployment, agent.id, await newKey('anew'));
  const again = waiting(await askForAuthToken(deployment, restarted, resource));
  await decide(deployment, pending, { approved: true });
  expect((await poll(deployment, restarted, again)).status).toBe(200);
  expect(await life(again)).toMatchObject([
    { kind: 'consent-asked' },
    { kind: 'consent-approved', reason: 'consent', via: null, detail: 'What the person agreed to before answers it.' },
    { kind: 'token-issued' },
  ]);
});

test('a consent that is withdrawn is there', async () => {
  await decide(deployment, pending, { approved: true, remember: true });
  await poll(deployment, agent, pending);
  const consents = Object(await (await deployment.asPerson('/person/consents')).json());
  const { consent_id: id } = consents.find((consent: { agent_id: string }) => consent.agent_id === agent.id);
  await deployment.asPerson(`/person/consents/${id}/withdraw`, { method: 'POST' });
  const found = await deployment.asPerson('/person/activity?kind=consent-withdrawn');
  expect(Object(await found.json()).entries[0]).toMatchObject({
    agent_id: agent.id,
    resource: resource.issuer,
    scopes: ['read', 'write', 'require:user'],
    via: 'bearer',
  });
});

test('what nobody was asked about yet is there from when the person opens or decides it, once', async () => {
  const foreign = await startAgentProviderPeer(deployment.clock);
  await deployment.asPerson('/person/trusted-agent-servers', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ issuer: foreign.issuer }),
  });
  const { host } = new URL(foreign.issuer);
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const key = await newKey(name);
      return agentTokenOf(deployment, `aauth:${name}@${host}`, key, { issuer: foreign.issuer, key: foreign.key });
    }),
  );
  if (!first || !second) throw new Error('there are two agents');
  const opened = waiting(await askForPersonToken(deployment, first, resource));
  const decided = waiting(await askForPersonToken(deployment, second, resource));
  expect([await life(opened), await life(decided)]).toEqual([[], []]);
  const browser = await signIn(deployment);
  await browser.get(`/consent?code=${opened.code}`);
  await browser.get(`/consent?code=${opened.code}`);
  deployment.clock.advance(1);
  await decide(deployment, opened, { approved: false });
  await decide(deployment, decided, { approved: false });
  const both = [{ kind: 'consent-asked', scopes: [] }, { kind: 'consent-denied' }];
  expect(await life(opened)).toMatchObject(both);
  expect(await life(decided)).toMatchObject(both);
  await foreign.stop();
});
