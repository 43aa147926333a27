import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../test/agent-provider-peer.ts';
import { signIn } from '../../test/browser-session.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, personToken } from '../../test/test-agent.ts';
import type { Binding } from '../agent-providers/wire.ts';
import { activity } from '../db/schema.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
});
afterAll(() => deployment.stop());

const post = { method: 'POST' };
const revokePath = ({ agent_id }: Binding) => `/person/bindings/${encodeURIComponent(agent_id)}/revoke`;

async function approvedAgent(name: string): Promise<Binding> {
  const { id } = await deployment.peer.enrol(name);
  await deployment.asPerson(`/person/registrations/${id}/approve`, post);
  const binding = deployment.peer.bindings.find(({ agent_name }) => agent_name === name);
  if (!binding) throw new Error('The peer has no such agent.');
  return binding;
}

describe('GET /person/bindings', () => {
  test('lists the person’s agents with their keys and their provider', async () => {
    const binding = await approvedAgent('Backend App');
    const response = await deployment.asPerson('/person/bindings');
    expect(response.status).toBe(200);
    expect(await response.json()).toContainEqual({
      ...binding,
      agent_provider: deployment.peer.issuer,
      live_tokens: 0,
      platform: null,
      device: null,
    });
    expect((await deployment.request('/person/bindings')).status).toBe(401);
  });

  test('says when an agent was seen last: at its provider, or here when that is later', async () => {
    const binding = await approvedAgent('Busy App');
    const seen = async () => {
      const listed = Object(await (await deployment.asPerson('/person/bindings')).json());
      return listed.find(({ agent_id }: Binding) => agent_id === binding.agent_id).last_seen_at;
    };
    expect(await seen()).toBeNull();
    const atProvider = new Date((deployment.clock.now() - 60) * 1000).toISOString();
    binding.last_seen_at = atProvider;
    expect(await seen()).toBe(atProvider);
    const resource = await startResourcePeer(deployment.clock);
    await personToken(deployment, await agentTokenOf(deployment, binding.agent_id, await newKey('busy')), resource);
    expect(Date.parse(await seen())).toBeGreaterThan(Date.parse(atProvider));
    await resource.stop();
  });

  test('leaves out an agent of somebody else', async () => {
    const binding = await approvedAgent('Foreign Agent');
    deployment.peer.bindings.push({ ...binding, agent_id: `${binding.agent_id.replace('agent-', 'other-')}` });
    const listed = await (await deployment.asPerson('/person/bindings')).json();
    expect(JSON.stringify(listed)).not.toContain('aauth:other-');
  });
});

describe('POST /person/bindings/{agent_id}/revoke', () => {
  test('tells the Agent Provider, on whichever replica, and is recorded', async () => {
    const binding = await approvedAgent('Revoked Agent');
    deployment.useReplica(1);
    const response = await deployment.asPerson(revokePath(binding), post);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
    expect(binding.revoked).toBe(true);
    expect(await deployment.db.select().from(activity)).toContainEqual(
      expect.objectContaining({
        kind: 'agent-revoked',
        agentId: binding.agent_id,
        agentName: 'Revoked Agent',
        outcome: 'done',
      }),
    );
    const again = await deployment.asPerson(revokePath(binding), post);
    expect(again.status).toBe(409);
    deployment.useReplica(0);
  });

  test('is refused without the session, without the session’s token, and from elsewhere', async () => {
    const binding = await approvedAgent('Safe Agent');
    const session = await signIn(deployment);
    const requests = deployment.peer.requests.length;
    expect((await deployment.request(revokePath(binding), post)).status).toBe(401);
    expect((await session.change('POST', revokePath(binding), { csrfToken: '' })).status).toBe(403);
    expect((await session.change('POST', revokePath(binding), { origin: 'https://evil.example' })).status).toBe(403);
    expect(deployment.peer.requests.slice(requests).filter((request) => request.startsWith('POST'))).toEqual([]);
    expect(binding.revoked).toBe(false);
    expect((await session.change('POST', revokePath(binding))).status).toBe(200);
  });

  test('says what is wrong with an identifier that is none, or nobody’s', async () => {
    const malformed = await deployment.asPerson('/person/bindings/not-an-agent/revoke', post);
    expect(malformed.status).toBe(400);
    expect(await malformed.json()).toMatchObject({ error: 'invalid_request' });
    const unknown = await deployment.asPerson('/person/bindings/aauth%3Anobody%40agents.example/revoke', post);
    expect(unknown.status).toBe(404);
  });
});

test('an approval whose answer was lost is found in the Agent Provider’s list', async () => {
  const { id } = await deployment.peer.enrol('Lucky Agent');
  deployment.peer.loseAnswerTo = 'approve';
  expect((await deployment.asPerson(`/person/registrations/${id}/approve`, post)).status).toBe(503);
  const record = await deployment.db.select().from(activity);
  expect(record).toContainEqual(expect.objectContaining({ enrolmentId: id, outcome: 'unanswered' }));
  await deployment.peer.post({ event: 'registration.approved', id });
  await expect
    .poll(async () => JSON.stringify(await (await deployment.asPerson('/person/bindings')).json()))
    .toContain('Lucky Agent');
});
