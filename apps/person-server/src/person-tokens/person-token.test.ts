import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey, startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, ask, claimsOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { agents, issuedTokens } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

const environment = { AAUTH_CONSENT_POLICY: 'standing', AAUTH_MAX_RESOURCES_PER_AGENT: '3' };

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment });
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

const askFor = (body: object, sender = agent) => ask(deployment, sender, '/person-token', body);

describe('a person token', () => {
  test('names the person to a resource, the same way at every replica, after a restart and to each of their agents', async () => {
    const { sub } = claimsOf(await personToken(deployment, agent, resource));
    deployment.useReplica(1);
    expect(claimsOf(await personToken(deployment, await approvedAgent(deployment, 'Another'), resource)).sub).toBe(sub);
    await deployment.restart();
    expect(claimsOf(await personToken(deployment, agent, resource)).sub).toBe(sub);
    const elsewhere = await askFor({ resource: 'https://elsewhere.example' });
    expect(claimsOf(String(elsewhere.body.person_token)).sub).not.toBe(sub);
  });

  test('lives no longer than configured, nor than the agent token', async () => {
    const lifetime = async (sender: TestAgent) => {
      const { exp, iat } = claimsOf(await personToken(deployment, sender, resource));
      return Number(exp) - Number(iat);
    };
    const long = await agentTokenOf(deployment, agent.id, agent.key, { lifetime: 86_400 });
    expect(await lifetime(long)).toBe(3600);
    await deployment.restart({ ...environment, AAUTH_TOKEN_LIFETIME: '600' });
    expect(await lifetime(long)).toBe(600);
    expect(await lifetime(await agentTokenOf(deployment, agent.id, agent.key, { lifetime: 100 }))).toBeLessThanOrEqual(
      100,
    );
    await deployment.restart();
  });

  test('is for an agent whose approval the provider tells sooner than its answer arrives', async () => {
    const { id } = await deployment.peer.enrol('Swift Agent');
    deployment.peer.loseAnswerTo = 'approve';
    expect((await deployment.asPerson(`/person/registrations/${id}/approve`, { method: 'POST' })).status).toBe(503);
    const binding = deployment.peer.bindings.find(({ agent_name }) => agent_name === 'Swift Agent');
    const swift = await agentTokenOf(deployment, binding?.agent_id ?? '', await newKey('swift'));
    await deployment.db.delete(agents);
    expect((await askFor({ resource: resource.issuer }, swift)).status).toBe(200);
  });
});

describe('a request for a person token is refused', () => {
  test.each([
    ['no resource', {}],
    ['a resource that is a URL', { resource: 'https://resource.example/' }],
    ['a resource over http', { resource: 'http://resource.example' }],
    ['a resource that is a number', { resource: 7 }],
    ['a mission that is none', { mission_s256: 'x' }],
    ['a mission and an upstream token', { mission_s256: 'A'.repeat(43), upstream_token: 'x' }],
    ['a sub-agent', { subagent_token: 'x' }],
  ])('with %s', async (_, altered) => {
    const body =
      'resource' in altered || Object.keys(altered).length === 0 ? altered : { resource: resource.issuer, ...altered };
    const { status, body: problem, headers } = await askFor(body);
    expect([status, problem.error, headers.get('signature-error')]).toEqual([400, 'invalid_request', null]);
  });

  test('for a mission: there are none', async () => {
    const { status, body } = await askFor({ resource: resource.issuer, mission_s256: 'A'.repeat(43) });
    expect([status, body.error]).toEqual([404, 'mission_not_found']);
  });

  test('signed by a sub-agent', async () => {
    const { id: parent } = agent;
    const child = await agentTokenOf(deployment, parent.replace('@', '+child@'), agent.key, {
      parentAgent: (await import('@aauth-stack/aauth/identifiers')).parseAgentIdentifier(parent).id,
    });
    const { status, body } = await askFor({ resource: resource.issuer }, child);
    expect([status, body.error]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain(parent);
  });

  test('W17: of an agent of a provider that nobody trusts, whose keys are not even fetched', async () => {
    const stranger = await startAgentProviderPeer(deployment.clock);
    const id = agent.id.replace(/@.*/, `@${new URL(stranger.issuer).host}`);
    const altered = { issuer: stranger.issuer, key: stranger.key };
    const foreign = await agentTokenOf(deployment, id, agent.key, altered);
    await stranger.stop();
    const { status, body, headers } = await askFor({ resource: resource.issuer }, foreign);
    expect([status, body.error, headers.get('signature-error')]).toEqual([401, 'invalid_jwt', 'error=invalid_jwt']);
    expect(body.detail).toContain(`does not trust the agent provider ${stranger.issuer}`);
  });

  test('for more resources than an agent may ask for within an hour, not counting those it knows', async () => {
    const names = ['a', 'b', 'c'].map((name) => `https://${name}.example`);
    for (const name of names) expect((await askFor({ resource: name })).status).toBe(200);
    deployment.useReplica(1);
    const refused = await askFor({ resource: 'https://d.example' });
    expect([refused.status, refused.body.error]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect((await askFor({ resource: names[0] })).status).toBe(200);
    const second = await approvedAgent(deployment, 'Second');
    expect((await askFor({ resource: 'https://d.example' }, second)).status).toBe(200);
    deployment.clock.advance(3601);
    const renewed = await agentTokenOf(deployment, agent.id, agent.key);
    expect((await askFor({ resource: 'https://d.example' }, renewed)).status).toBe(200);
  });

  test('in every case nothing is issued', async () => {
    const before = await deployment.db.select().from(issuedTokens);
    expect((await askFor({ resource: 'nonsense' })).status).toBe(400);
    expect(
      (await askFor({ resource: parseServerIdentifier('https://r.example', { allowLoopback: false }) })).status,
    ).toBe(200);
    expect(await deployment.db.select().from(issuedTokens)).toHaveLength(before.length + 1);
  });
});
