import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey, startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { signIn } from '../../test/browser-session.ts';
import { askForAuthToken, askForPersonToken, decide, poll, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, claimsOf, type TestAgent } from '../../test/test-agent.ts';
import { agents } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'first-use' } });
  resource = await startResourcePeer(deployment.clock);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  agent = await approvedAgent(deployment);
});

const requests = async () => Object(await (await deployment.asPerson('/person/requests')).json());
const shown = async (id: string) => Object(await (await deployment.asPerson(`/consent/${id}`)).json());

describe('an intermediary that is its own provider', () => {
  let intermediary: ResourcePeer;

  beforeEach(async () => {
    intermediary = await startResourcePeer(deployment.clock, 'intermediary');
    intermediary.agentMetadata = { name: 'Intermediary' };
    return () => intermediary.stop();
  });

  async function upstreamToken(caller = agent): Promise<string> {
    const pending = waiting(await askForPersonToken(deployment, caller, intermediary));
    await decide(deployment, pending, { approved: true });
    return String((await poll(deployment, caller, pending)).body.person_token);
  }

  test.each([
    ['nothing', async () => {}],
    ['a restart', () => deployment.restart()],
    ['a turn to another replica', async () => deployment.useReplica(1)],
  ])('polls without the upstream token, and nobody else does, after %s', async (_, upheaval) => {
    const upstream = await upstreamToken();
    const caller = await intermediary.asAgent();
    const pending = waiting(await askForPersonToken(deployment, caller, resource, { upstream_token: upstream }));
    await upheaval();
    expect((await poll(deployment, caller, pending)).status).toBe(202);
    expect(await shown(pending.id)).toMatchObject({
      agent: { agent_name: 'Intermediary', agent_provider: intermediary.issuer, approved_at: null },
      on_behalf_of: { agent_id: agent.id, agent_name: 'Backend App' },
    });
    const other = await startResourcePeer(deployment.clock, 'other');
    const stranger = await poll(deployment, await other.asAgent(), pending);
    expect([stranger.status, stranger.body.error, other.fetched]).toEqual([401, 'invalid_jwt', []]);
    await other.stop();
    await decide(deployment, pending, { approved: true });
    const granted = await poll(deployment, caller, pending);
    expect(claimsOf(String(granted.body.person_token))).toMatchObject({ aud: resource.issuer });
    const bound = await deployment.db.select().from(agents).where(eq(agents.agentProvider, intermediary.issuer));
    expect(bound).toEqual([]);
  });

  test('waits no longer than the upstream token lives: expired, though the person had come', async () => {
    const upstream = await upstreamToken(await agentTokenOf(deployment, agent.id, agent.key, { lifetime: 120 }));
    const caller = await intermediary.asAgent();
    const pending = waiting(await askForPersonToken(deployment, caller, resource, { upstream_token: upstream }));
    const browser = await signIn(deployment);
    expect((await browser.get(`/consent?code=${pending.code}`)).status).toBe(200);
    deployment.clock.advance(121);
    const ended = await poll(deployment, caller, pending);
    expect([ended.status, ended.body.error]).toEqual([408, 'expired']);
  });
});

test('an agent of another trusted provider becomes the agent of whoever approves its first request', async () => {
  const foreign = await startAgentProviderPeer(deployment.clock);
  await deployment.asPerson('/person/trusted-agent-servers', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ issuer: foreign.issuer }),
  });
  const id = `aauth:visitor@${new URL(foreign.issuer).host}`;
  const visitor = await agentTokenOf(deployment, id, await newKey('visitor'), {
    issuer: foreign.issuer,
    key: foreign.key,
  });
  const unable = await askForPersonToken(deployment, visitor, resource, { capabilities: [] });
  expect([unable.status, unable.body.error]).toEqual([403, 'user_unreachable']);

  const pending = waiting(await askForPersonToken(deployment, visitor, resource));
  expect(await requests()).not.toContainEqual(expect.objectContaining({ pending_id: pending.id }));
  const browser = await signIn(deployment);
  const opened = await browser.get(`/consent?code=${pending.code}`);
  expect(await opened.json()).toMatchObject({ agent: { agent_id: id, agent_name: 'visitor', approved_at: null } });
  expect(await requests()).toContainEqual(expect.objectContaining({ pending_id: pending.id }));
  await decide(deployment, pending, { approved: true });
  expect((await poll(deployment, visitor, pending)).status).toBe(200);
  const owned = and(eq(agents.agentProvider, foreign.issuer), eq(agents.agentId, id));
  expect(await deployment.db.select().from(agents).where(owned)).toHaveLength(1);
  await foreign.stop();
});

test('no more than twenty requests of one agent wait, and those of others are not affected', async () => {
  for (let count = 0; count < 20; count += 1) {
    expect((await askForPersonToken(deployment, agent, resource)).status).toBe(202);
  }
  const refused = await askForPersonToken(deployment, agent, resource);
  expect([refused.status, refused.body.error, refused.headers.get('retry-after')]).toEqual([429, 'rate_limited', '30']);
  const other = await approvedAgent(deployment, 'Other App');
  expect((await askForPersonToken(deployment, other, resource)).status).toBe(202);
});

test('nor do more than twenty when an agent asks all at once, at two replicas', async () => {
  const answers = await Promise.all(
    Array.from({ length: 26 }, (_, turn) => {
      deployment.useReplica(turn % 2);
      return askForPersonToken(deployment, agent, resource);
    }),
  );
  expect(Object.groupBy(answers, ({ status }) => status)).toMatchObject({ 202: { length: 20 }, 429: { length: 6 } });
});

test('prompt=login wants the person to have signed in since', async () => {
  const browser = await signIn(deployment);
  deployment.clock.advance(1);
  const pending = waiting(await askForPersonToken(deployment, agent, resource, { prompt: 'login' }));
  const early = await browser.get(`/consent?code=${pending.code}`);
  expect([early.status, Object(await early.json()).error]).toEqual([401, 'reauthentication_required']);
  const again = await signIn(deployment);
  expect((await again.get(`/consent?code=${pending.code}`)).status).toBe(200);
});

test('what the agent and the resource say of the request is shown apart', async () => {
  resource.metadata = {
    ...resource.metadata,
    name: 'Stock',
    description: '*All* of it',
    tos_uri: 'javascript:alert(1)',
  };
  await deployment.restart();
  const identity = waiting(await askForPersonToken(deployment, agent, resource));
  await decide(deployment, identity, { approved: true });
  const presented = String((await poll(deployment, agent, identity)).body.person_token);
  const pending = waiting(
    await askForAuthToken(deployment, agent, resource, {
      presented,
      justification: 'To plan',
      login_hint: 'me',
      platform: 'desktop',
      device: 'Laptop',
    }),
  );
  expect(await shown(pending.id)).toMatchObject({
    pending_kind: 'auth-token',
    agent: {
      agent_name: 'Backend App',
      jkt: agent.key.thumbprint,
      platform: 'desktop',
      device: 'Laptop',
      live_tokens: 1,
    },
    resource: {
      issuer: resource.issuer,
      name: 'Stock',
      description: '*All* of it',
      tos_uri: null,
      scope_descriptions: { read: 'Read', 'require:user': 'With the person' },
    },
    scopes: ['read', 'require:user'],
    needs_person_scopes: ['require:user'],
    reason: 'scope-needs-person',
    justification: 'To plan',
    login_hint: 'me',
    can_remember: true,
  });
});
