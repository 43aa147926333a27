import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, authToken, claimsOf, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let downstream: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  downstream = await startResourcePeer(deployment.clock, 'downstream');
  agent = await approvedAgent(deployment, 'Shopping Agent');
});
afterAll(async () => {
  await resource?.stop();
  await downstream?.stop();
  await deployment?.stop();
});

const list = async (query = '') => Object(await (await deployment.asPerson(`/person/issued-tokens${query}`)).json());

describe('GET /person/issued-tokens', () => {
  test('has what was issued, to whom, for what and on what', async () => {
    const presented = await personToken(deployment, agent, resource);
    const granted = await authToken(deployment, agent, resource, presented);
    const caller = await resource.asAgent();
    const chained = await personToken(deployment, caller, downstream, { upstream_token: granted });
    deployment.useReplica(1);
    const { tokens, next } = await list();
    expect(next).toBeNull();
    const byJti = (token: string) => tokens.find(({ jti }: { jti: string }) => jti === jtiOf(token));
    expect(byJti(granted)).toEqual({
      jti: jtiOf(granted),
      type: 'aa-auth+jwt',
      agent_id: agent.id,
      agent_name: 'Shopping Agent',
      agent_provider: deployment.peer.issuer,
      audience: resource.issuer,
      audience_name: null,
      subject: claimsOf(granted).sub,
      scope: ['read'],
      account: null,
      jkt: agent.key.thumbprint,
      kid: expect.stringMatching(/^ps-/),
      upstream_jti: null,
      presented_jti: jtiOf(presented),
      on_behalf_of: null,
      reason: 'standing-policy',
      issued_at: expect.any(String),
      expires_at: expect.any(String),
      revoked_at: null,
      notice: null,
    });
    // Nobody has told the name of an agent that is its own provider.
    expect(byJti(chained)).toMatchObject({
      agent_name: 'resource',
      on_behalf_of: agent.id,
      upstream_jti: jtiOf(granted),
    });
    expect((await deployment.request('/person/issued-tokens')).status).toBe(401);
  });

  test('calls an intermediary what it calls itself as a resource, here and in Activity', async () => {
    const shop = await startResourcePeer(deployment.clock, 'shop');
    shop.metadata.name = 'Corner Shop';
    const granted = await authToken(deployment, agent, shop, await personToken(deployment, agent, shop));
    const chained = await personToken(deployment, await shop.asAgent(), downstream, { upstream_token: granted });
    const named = async () => {
      const { tokens } = await list();
      return tokens.find(({ jti }: { jti: string }) => jti === jtiOf(chained)).agent_name;
    };
    await expect.poll(named).toBe('Corner Shop');
    const { entries } = Object(await (await deployment.asPerson(`/person/activity?q=${jtiOf(chained)}`)).json());
    expect(entries).toMatchObject([{ agent_name: 'Corner Shop', on_behalf_of: agent.id }]);
    await shop.stop();
  });

  test('is read page by page, newest first, each token once', async () => {
    for (let issued = 0; issued < 7; issued += 1) await personToken(deployment, agent, resource);
    const { tokens } = await list();
    const seen: string[] = [];
    for (let before: string | null = ''; before !== null; ) {
      const page = await list(`?limit=3${before && `&before=${before}`}`);
      seen.push(...page.tokens.map(({ jti }: { jti: string }) => jti));
      before = page.next;
    }
    expect(seen).toEqual(tokens.map(({ jti }: { jti: string }) => jti));
    expect(new Set(seen).size).toBe(seen.length);
    for (const query of ['?limit=0', '?limit=201', '?before=x']) {
      expect((await deployment.asPerson(`/person/issued-tokens${query}`)).status).toBe(400);
    }
  });

  test('has nothing that has expired', async () => {
    deployment.clock.advance(3601);
    expect(await list()).toEqual({ tokens: [], next: null });
  });
});

test('an agent is listed with the tokens that it can use', async () => {
  const fresh = await approvedAgent(deployment, 'Busy Agent');
  const jti = jtiOf(await personToken(deployment, fresh, resource, { platform: 'workload', device: 'build server' }));
  await personToken(deployment, fresh, downstream);
  const binding = async () => {
    const bindings = Object(await (await deployment.asPerson('/person/bindings')).json());
    return bindings.find(({ agent_id: id }: { agent_id: string }) => id === fresh.id);
  };
  expect(await binding()).toMatchObject({ live_tokens: 2, platform: 'workload', device: 'build server' });
  await deployment.asPerson(`/person/issued-tokens/${jti}/revoke`, { method: 'POST' });
  expect(await binding()).toMatchObject({ live_tokens: 1 });
});
