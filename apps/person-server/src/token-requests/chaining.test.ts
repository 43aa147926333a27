import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import {
  type Answer,
  agentTokenOf,
  approvedAgent,
  ask,
  authToken,
  claimsOf,
  jtiOf,
  personToken,
  type TestAgent,
} from '../../test/test-agent.ts';
import { agents, issuedTokens, people } from '../db/schema.ts';

let deployment: Deployment;
/** Calls `downstream` for whoever calls it. */
let intermediary: ResourcePeer;
let downstream: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  intermediary = await startResourcePeer(deployment.clock, 'intermediary');
  downstream = await startResourcePeer(deployment.clock, 'downstream');
});
afterAll(async () => {
  await Promise.all([intermediary?.stop(), downstream?.stop()]);
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  agent = await approvedAgent(deployment);
});

async function upstreamTokens() {
  const person = await personToken(deployment, agent, intermediary);
  return { person, auth: await authToken(deployment, agent, intermediary, person) };
}

const askDownstream = async (upstreamToken: unknown, sender?: Pick<TestAgent, 'token' | 'key'>) =>
  ask(deployment, sender ?? (await intermediary.asAgent()), '/person-token', {
    resource: downstream.issuer,
    upstream_token: upstreamToken,
  });

describe('a resource that is its own provider', () => {
  test.each(['person', 'auth'] as const)(
    'acts for the person of a %s token that it was shown, on whichever replica',
    async (kind) => {
      const upstream = (await upstreamTokens())[kind];
      const caller = await intermediary.asAgent();
      deployment.useReplica(1);
      const presented = await personToken(deployment, caller, downstream, { upstream_token: upstream });
      await deployment.restart();
      const granted = await authToken(deployment, caller, downstream, presented, { upstream_token: upstream });
      expect(claimsOf(granted)).toMatchObject({ aud: downstream.issuer, sub: claimsOf(presented).sub });
      expect(claimsOf(presented).sub).not.toBe(claimsOf(upstream).sub);
      expect(claimsOf(await personToken(deployment, agent, downstream)).sub).toBe(claimsOf(presented).sub);

      const records = await deployment.db.select().from(issuedTokens);
      const own = records.filter(({ jti }) => [presented, granted].map(jtiOf).includes(jti));
      expect(own.map(({ upstreamJti, agentProvider }) => [upstreamJti, agentProvider])).toEqual([
        [jtiOf(upstream), intermediary.issuer],
        [jtiOf(upstream), intermediary.issuer],
      ]);
      const bound = await deployment.db.select().from(agents);
      expect(bound.some(({ agentProvider }) => agentProvider === intermediary.issuer)).toBe(false);
      const { entries } = Object(await (await deployment.asPerson('/person/activity')).json());
      expect(entries).toContainEqual(
        expect.objectContaining({ on_behalf_of: agent.id, kind: 'token-issued', jti: jtiOf(granted) }),
      );
    },
  );

  test('gets nothing that outlives the upstream token', async () => {
    const short = await agentTokenOf(deployment, agent.id, agent.key, { lifetime: 120 });
    const upstream = await personToken(deployment, short, intermediary);
    const { exp } = claimsOf(upstream);
    const caller = await intermediary.asAgent();
    const presented = await personToken(deployment, caller, downstream, { upstream_token: upstream });
    const granted = await authToken(deployment, caller, downstream, presented, { upstream_token: upstream });
    expect([claimsOf(presented).exp, claimsOf(granted).exp]).toEqual([exp, exp]);
  });

  test('calls a third one, whose caller it is', async () => {
    const third = await startResourcePeer(deployment.clock, 'third');
    const { auth } = await upstreamTokens();
    const caller = await intermediary.asAgent();
    const second = await personToken(deployment, caller, downstream, { upstream_token: auth });
    const last = await personToken(deployment, await downstream.asAgent(), third, { upstream_token: second });
    expect(claimsOf(last).sub).toBe(claimsOf(await personToken(deployment, agent, third)).sub);
    await third.stop();
  });
});

describe('an upstream token is refused, and nothing issued,', () => {
  async function expectRefused(answer: Promise<Answer>, status: number, error: string) {
    const before = (await deployment.db.select().from(issuedTokens)).length;
    const { status: answered, headers, body } = await answer;
    expect([answered, body.error]).toEqual([status, error]);
    expect(headers.get('signature-error')).toBe(status === 401 ? `error=${error}` : null);
    expect(await deployment.db.select().from(issuedTokens)).toHaveLength(before);
  }
  async function acceptable() {
    const { person, auth } = await upstreamTokens();
    for (const upstream of [person, auth]) expect((await askDownstream(upstream)).status).toBe(200);
    return { person, auth };
  }

  test('when there is none: then the intermediary is a stranger', async () => {
    await acceptable();
    await expectRefused(askDownstream(undefined), 401, 'invalid_jwt');
  });

  test('of another audience, without anything of the stranger being fetched', async () => {
    await acceptable();
    const elsewhere = await startResourcePeer(deployment.clock, 'elsewhere');
    const { auth } = await upstreamTokens();
    await expectRefused(askDownstream(auth, await elsewhere.asAgent()), 400, 'invalid_upstream_token');
    expect(elsewhere.fetched).toEqual([]);
    await elsewhere.stop();
  });

  test('used by an agent that is not its own provider', async () => {
    const { auth } = await acceptable();
    await expectRefused(askDownstream(auth, agent), 400, 'invalid_upstream_token');
  });

  test('of another typ, of another server, or altered', async () => {
    const { auth } = await acceptable();
    const [header, claims] = auth.split('.');
    const forged = `${header}.${claims}.${'A'.repeat(86)}`;
    const resourceToken = await intermediary.challenge(auth);
    for (const upstream of [agent.token, (await intermediary.asAgent()).token, resourceToken, forged, 'nonsense']) {
      await expectRefused(askDownstream(upstream), 400, 'invalid_upstream_token');
    }
  });

  test('that has expired', async () => {
    const { auth } = await acceptable();
    deployment.clock.advance(3601);
    await expectRefused(askDownstream(auth), 400, 'expired_upstream_token');
  });

  test('that is revoked, or whose agent is', async () => {
    const { person, auth } = await acceptable();
    const revoke = (path: string) => deployment.asPerson(path, { method: 'POST' });
    expect((await revoke(`/person/issued-tokens/${jtiOf(auth)}/revoke`)).status).toBe(200);
    await expectRefused(askDownstream(auth), 400, 'revoked_upstream_token');
    expect((await askDownstream(person)).status).toBe(200);
    expect((await revoke(`/person/bindings/${encodeURIComponent(agent.id)}/revoke`)).status).toBe(200);
    await expectRefused(askDownstream(person), 400, 'revoked_upstream_token');
  });

  test('that is left out of the exchange', async () => {
    const { auth } = await acceptable();
    const caller = await intermediary.asAgent();
    const presented = await personToken(deployment, caller, downstream, { upstream_token: auth });
    const tokens = { resource_token: await downstream.challenge(presented), presented_token: presented };
    await expectRefused(ask(deployment, caller, '/auth-token', tokens), 401, 'invalid_jwt');
    const complete = { ...tokens, upstream_token: auth };
    expect((await ask(deployment, caller, '/auth-token', complete)).status).toBe(200);
  });

  test('of somebody else than the person of the presented token', async () => {
    const { auth } = await acceptable();
    const somebodyElse = crypto.randomUUID();
    await deployment.db.insert(people).values({ id: somebodyElse, role: 'guest', createdAt: new Date() });
    const theirs = await approvedAgent(deployment, 'Theirs');
    await deployment.db.update(agents).set({ personId: somebodyElse }).where(eq(agents.agentId, theirs.id));
    const upstream = await personToken(deployment, theirs, intermediary);
    const caller = await intermediary.asAgent();
    const presented = await personToken(deployment, caller, downstream, { upstream_token: auth });
    const tokens = { resource_token: await downstream.challenge(presented), presented_token: presented };
    const swapped = ask(deployment, caller, '/auth-token', { ...tokens, upstream_token: upstream });
    await expectRefused(swapped, 400, 'invalid_presented_token');
    expect((await ask(deployment, caller, '/auth-token', { ...tokens, upstream_token: auth })).status).toBe(200);
    const { sub } = claimsOf(await personToken(deployment, caller, downstream, { upstream_token: upstream }));
    expect(sub).not.toBe(claimsOf(presented).sub);
  });
});
