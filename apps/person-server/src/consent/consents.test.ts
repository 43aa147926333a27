import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../test/agent-provider-peer.ts';
import { askForAuthToken, atPending, decide, poll, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, claimsOf, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

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
  agent = await approvedAgent(deployment);
});

const listed = async () => Object(await (await deployment.asPerson('/person/consents')).json());
const withdraw = async (id: string) => {
  const response = await deployment.asPerson(`/person/consents/${id}/withdraw`, { method: 'POST' });
  return { status: response.status, body: Object(await response.json()) };
};

async function grant(decision: object, scope?: string[]): Promise<string> {
  const pending = waiting(await askForAuthToken(deployment, agent, resource, scope && { scope }));
  await decide(deployment, pending, decision);
  return String((await poll(deployment, agent, pending)).body.auth_token);
}

describe('what the person remembers', () => {
  test('answers for the same and for less, on any replica and after a restart, and for no more', async () => {
    await grant({ approved: true, remember: true });
    await deployment.restart();
    deployment.useReplica(1);
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(200);
    expect((await askForAuthToken(deployment, agent, resource, { scope: ['require:user'] })).status).toBe(200);
    expect((await askForAuthToken(deployment, agent, resource, { scope: ['write', 'require:user'] })).status).toBe(202);
    agent = await approvedAgent(deployment, 'Other App');
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(202);
  });

  test('in part, is granted in part the next time', async () => {
    const scope = ['read', 'write', 'require:user'];
    await grant({ approved: true, scopes: ['read', 'require:user'], remember: true }, scope);
    const again = await askForAuthToken(deployment, agent, resource, { scope });
    expect([again.status, claimsOf(String(again.body.auth_token)).scope]).toEqual([200, 'read require:user']);
  });

  test('does not count where the agent wants them to be asked', async () => {
    await grant({ approved: true, remember: true });
    const answer = await askForAuthToken(deployment, agent, resource, { prompt: 'consent' });
    const pending = waiting(answer);
    const shown = await deployment.asPerson(`/consent/${pending.id}`);
    expect(await shown.json()).toMatchObject({ reason: 'agent-asks', can_remember: false });
    const silent = await askForAuthToken(deployment, agent, resource, {
      prompt: 'none',
      scope: ['write', 'require:user'],
    });
    expect([silent.status, silent.body.error]).toEqual([403, 'user_unreachable']);
    expect((await askForAuthToken(deployment, agent, resource, { prompt: 'none consent' })).status).toBe(400);
  });

  test('is withdrawn together with the tokens, and then the person is asked again', async () => {
    const token = await grant({ approved: true, remember: true });
    const own = (await listed()).find((consent: { agent_id: string }) => consent.agent_id === agent.id);
    expect(own).toMatchObject({
      agent_name: 'Backend App',
      resource: resource.issuer,
      scopes: ['read', 'require:user'],
      scope_descriptions: { read: 'Read', 'require:user': 'With the person' },
      remembered: true,
      live_tokens: 2,
    });
    expect(await withdraw(own.consent_id)).toEqual({ status: 200, body: { revoked_tokens: 2 } });
    await expect.poll(() => resource.revoked.map(({ jti }) => jti)).toContain(jtiOf(token));
    expect(await listed()).not.toContainEqual(expect.objectContaining({ consent_id: own.consent_id }));
    expect((await withdraw(own.consent_id)).status).toBe(409);
    expect((await withdraw(crypto.randomUUID())).status).toBe(404);
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(202);
  });
});

describe('what the person allows once', () => {
  test('is one token', async () => {
    await grant({ approved: true });
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(202);
  });

  test('is found by an agent that started anew while they decided, whatever it asks with', async () => {
    const first = waiting(await askForAuthToken(deployment, agent, resource));
    const restarted = await agentTokenOf(deployment, agent.id, await newKey('after-restart'));
    const second = waiting(await askForAuthToken(deployment, restarted, resource));
    await decide(deployment, first, { approved: true });
    const granted = await poll(deployment, restarted, second);
    expect(granted.status).toBe(200);
    expect(claimsOf(String(granted.body.auth_token)).cnf).toEqual({ jwk: restarted.key.publicJwk });
    expect((await askForAuthToken(deployment, restarted, resource)).status).toBe(202);
  });

  test('is found by the next exchange of an agent that did not come for it', async () => {
    const first = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, first, { approved: true });
    agent = await agentTokenOf(deployment, agent.id, await newKey('after-restart'));
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(200);
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(202);
  });

  test('is found by one exchange only, of several at the same moment', async () => {
    const first = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, first, { approved: true });
    agent = await agentTokenOf(deployment, agent.id, await newKey('after-restart'));
    const presented = await personToken(deployment, agent, resource);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => askForAuthToken(deployment, agent, resource, { presented })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 202, 202, 202]);
  });

  test('does not answer another request that waits with the same key', async () => {
    const first = waiting(await askForAuthToken(deployment, agent, resource));
    const second = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, first, { approved: true });
    expect((await poll(deployment, agent, second)).status).toBe(202);
    expect((await poll(deployment, agent, first)).status).toBe(200);
    expect((await atPending(deployment, agent, second.path, { method: 'DELETE' })).status).toBe(204);
  });

  test('is not delivered once it was withdrawn', async () => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, pending, { approved: true });
    const own = (await listed()).find((consent: { agent_id: string }) => consent.agent_id === agent.id);
    await withdraw(own.consent_id);
    const ended = await poll(deployment, agent, pending);
    expect([ended.status, ended.body.error]).toEqual([403, 'revoked']);
  });
});

test('revoking the agent ends what waits for the person', async () => {
  const pending = waiting(await askForAuthToken(deployment, agent, resource));
  const approved = waiting(await askForAuthToken(deployment, agent, resource));
  await decide(deployment, approved, { approved: true });
  const path = `/person/bindings/${encodeURIComponent(agent.id)}/revoke`;
  expect((await deployment.asPerson(path, { method: 'POST' })).status).toBe(200);
  for (const request of [pending, approved]) {
    const ended = await poll(deployment, agent, request);
    expect([ended.status, ended.body.error]).toEqual([403, 'revoked']);
  }
  expect((await decide(deployment, pending, { approved: true })).body.request_status).toBe('revoked');
});
