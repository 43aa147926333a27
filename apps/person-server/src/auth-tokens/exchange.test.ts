import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../test/agent-provider-peer.ts';
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
import { issuedTokens } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let other: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  other = await startResourcePeer(deployment.clock, 'other');
});
afterAll(async () => {
  await Promise.all([resource?.stop(), other?.stop()]);
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  agent = await approvedAgent(deployment);
});

const exchange = (tokens: { resource_token: string; presented_token: string }, more: object = {}, sender = agent) =>
  ask(deployment, sender, '/auth-token', { ...tokens, ...more });
const countIssued = async () => (await deployment.db.select().from(issuedTokens)).length;

describe('an exchange', () => {
  test('is granted, recorded, and granted again when it is repeated', async () => {
    const presented = await personToken(deployment, agent, resource);
    const tokens = { resource_token: await resource.challenge(presented), presented_token: presented };
    const [first, second] = [await exchange(tokens), await exchange(tokens)];
    for (const { status, headers, body } of [first, second]) {
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      const claims = claimsOf(String(body.auth_token));
      expect(claims).toMatchObject({ aud: resource.issuer, scope: 'read', exp: claimsOf(presented).exp });
      expect(body.expires_in).toBe(Number(claims.exp) - Number(claims.iat));
    }
    const jtis = [first, second].map(({ body }) => jtiOf(String(body.auth_token)));
    expect(new Set(jtis).size).toBe(2);
    const records = await deployment.db.select().from(issuedTokens);
    for (const jti of jtis) {
      expect(records.find((record) => record.jti === jti)).toMatchObject({
        type: 'aa-auth+jwt',
        agentId: agent.id,
        agentJti: jtiOf(agent.token),
        audience: resource.issuer,
        subject: claimsOf(presented).sub,
        scope: ['read'],
        presentedJti: jtiOf(presented),
        upstreamJti: null,
        jkt: agent.key.thumbprint,
        revokedAt: null,
      });
    }
  });

  test('many at once, at two replicas, are each granted', async () => {
    const presented = await personToken(deployment, agent, resource);
    const tokens = { resource_token: await resource.challenge(presented), presented_token: presented };
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => {
        deployment.useReplica(index % 2);
        return exchange(tokens);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => jtiOf(String(body.auth_token)))).size).toBe(24);
  });

  test('survives a restart between the person token and the exchange, and goes to another replica', async () => {
    const presented = await personToken(deployment, agent, resource);
    await deployment.restart();
    deployment.useReplica(1);
    const first = await authToken(deployment, agent, resource, presented);
    expect(claimsOf(first).sub).toBe(claimsOf(presented).sub);
    expect(claimsOf(await personToken(deployment, agent, resource)).sub).toBe(claimsOf(presented).sub);
  });

  test('copies the account, and steps up on an auth token', async () => {
    const presented = await personToken(deployment, agent, resource);
    const tokens = {
      resource_token: await resource.challenge(presented, { account: 'work', scope: ['read', 'write'] }),
      presented_token: presented,
    };
    const first = String((await exchange(tokens)).body.auth_token);
    expect(claimsOf(first)).toMatchObject({ account: 'work', scope: 'read write' });
    deployment.clock.advance(60);
    const second = await authToken(deployment, agent, resource, first);
    expect(claimsOf(second).exp).toBe(claimsOf(first).exp);
  });

  test('is logged, without a token', async () => {
    const presented = await personToken(deployment, agent, resource);
    const granted = await authToken(deployment, agent, resource, presented);
    const lines = JSON.stringify(deployment.log.lines());
    expect(lines).toContain(jtiOf(granted));
    for (const token of [agent.token, presented, granted]) expect(lines).not.toContain(token.split('.')[2]);
  });
});

describe('an exchange is refused, and nothing issued,', () => {
  async function expectRefused(answer: Promise<Answer>, status: number, error: string, claim?: string) {
    const issued = await countIssued();
    const { status: answered, headers, body } = await answer;
    expect([answered, body.error]).toEqual([status, error]);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('signature-error')).toBe(status === 401 ? `error=${error}` : null);
    expect(await countIssued()).toBe(issued);
    const line = deployment.log.lines().findLast(({ code, path }) => path === '/auth-token' && code !== undefined);
    expect(line).toMatchObject({ level: 'warn', code: error, status, ...(claim && { cause: { claim } }) });
  }
  async function acceptable() {
    const presented = await personToken(deployment, agent, resource);
    const tokens = { resource_token: await resource.challenge(presented), presented_token: presented };
    expect((await exchange(tokens)).status).toBe(200);
    return { presented, tokens };
  }

  test.each([
    ['for another Person Server', 'ps', 'http://ps.localhost:1'],
    ['for an Access Server', 'aud', 'http://as.localhost:1'],
    ['with the key of another', 'agent_jkt', undefined],
    ['with another presented_jti', 'presented_jti', undefined],
    ['with another sub', 'sub', undefined],
    ['with a mission', 'mission_s256', undefined],
    ['with a tenant', 'tenant', undefined],
  ] as const)('with a resource token %s', async (_, claim, server) => {
    const { presented, tokens } = await acceptable();
    const issuer = server === undefined ? resource.issuer : parseServerIdentifier(server, { allowLoopback: true });
    const key = await newKey('another');
    const altered = {
      ps: { personServer: issuer },
      aud: { audience: issuer },
      agent_jkt: { agentJkt: key.thumbprint },
      presented_jti: { presentedJti: crypto.randomUUID() },
      sub: { subject: 'somebody-else' },
      mission_s256: { missionS256: 'A'.repeat(43) },
      tenant: { tenant: 'acme' },
    }[claim];
    const resourceToken = await resource.challenge(presented, altered);
    await expectRefused(exchange({ ...tokens, resource_token: resourceToken }), 400, 'invalid_resource_token', claim);
    if (['presented_jti', 'sub', 'mission_s256', 'tenant'].includes(claim)) {
      expect(deployment.log.lines().some(({ msg }) => String(msg).includes('possible tampering'))).toBe(true);
    }
  });

  test('with a resource token that has expired', async () => {
    const { presented, tokens } = await acceptable();
    deployment.clock.advance(301);
    await expectRefused(exchange(tokens), 400, 'expired_resource_token');
    const fresh = { ...tokens, resource_token: await resource.challenge(presented) };
    expect((await exchange(fresh)).status).toBe(200);
  });

  test('with a presented token that has expired, by itself or with what it was issued for', async () => {
    const { presented } = await acceptable();
    deployment.clock.advance(3601);
    agent = await agentTokenOf(deployment, agent.id, agent.key);
    const tokens = { resource_token: await resource.challenge(presented), presented_token: presented };
    await expectRefused(exchange(tokens), 400, 'expired_presented_token');
  });

  test('with a presented token of another agent, or of another resource', async () => {
    const { presented, tokens } = await acceptable();
    const second = await agentTokenOf(deployment, (await approvedAgent(deployment, 'Second')).id, agent.key);
    await personToken(deployment, second, resource);
    await expectRefused(exchange(tokens, {}, second), 400, 'invalid_presented_token');
    const elsewhere = await personToken(deployment, agent, other);
    const mixed = { resource_token: tokens.resource_token, presented_token: elsewhere };
    await expectRefused(exchange(mixed), 400, 'invalid_resource_token', 'iss');
    const signedElsewhere = await resource.challenge(presented, { issuer: other.issuer, key: other.key });
    await expectRefused(exchange({ ...tokens, resource_token: signedElsewhere }), 400, 'invalid_resource_token', 'iss');
  });

  test('with a presented token that is revoked', async () => {
    const { presented, tokens } = await acceptable();
    expect(
      (await deployment.asPerson(`/person/issued-tokens/${jtiOf(presented)}/revoke`, { method: 'POST' })).status,
    ).toBe(200);
    await expectRefused(exchange(tokens), 400, 'revoked_presented_token');
  });

  test('signed with another key of the same agent', async () => {
    const { tokens } = await acceptable();
    const rotated = await agentTokenOf(deployment, agent.id, await newKey('next'));
    await expectRefused(exchange(tokens, {}, rotated), 400, 'invalid_resource_token', 'agent_jkt');
  });

  test('for a scope that the resource does not describe', async () => {
    const { presented, tokens } = await acceptable();
    const unknown = await resource.challenge(presented, { scope: ['read', 'fly'] });
    await expectRefused(exchange({ ...tokens, resource_token: unknown }), 400, 'invalid_resource_token', 'scope');
    const undescribed = await startResourcePeer(deployment.clock, 'undescribed');
    undescribed.metadata = { ...undescribed.metadata, scope_descriptions: undefined };
    const token = await personToken(deployment, agent, undescribed);
    const named = { resource_token: await undescribed.challenge(token), presented_token: token };
    await expectRefused(exchange(named), 400, 'invalid_resource_token', 'scope');
    await undescribed.stop();
  });

  test('for a scope that the resource has added since, until its metadata may be asked for again', async () => {
    const growing = await startResourcePeer(deployment.clock, 'growing');
    const presented = await personToken(deployment, agent, growing);
    const exchangeFor = async (scope: string[]) =>
      exchange({ resource_token: await growing.challenge(presented, { scope }), presented_token: presented });
    expect((await exchangeFor(['read'])).status).toBe(200);
    growing.metadata = { ...growing.metadata, scope_descriptions: { read: 'Read', fly: 'Fly' } };
    deployment.clock.advance(30);
    await expectRefused(exchangeFor(['fly']), 400, 'invalid_resource_token', 'scope');
    deployment.clock.advance(31);
    expect((await exchangeFor(['fly'])).status).toBe(200);
    await growing.stop();
  });

  test('of a resource whose metadata lies, or that does not answer', async () => {
    const liar = await startResourcePeer(deployment.clock, 'liar');
    liar.metadata = { ...liar.metadata, issuer: resource.issuer };
    const presented = await personToken(deployment, agent, liar);
    const tokens = { resource_token: await liar.challenge(presented), presented_token: presented };
    await expectRefused(exchange(tokens), 400, 'invalid_resource_token');
    await liar.stop();

    const silent = await startResourcePeer(deployment.clock, 'silent');
    const shown = await personToken(deployment, agent, silent);
    await silent.stop();
    const answer = await exchange({ resource_token: await silent.challenge(shown), presented_token: shown });
    expect([answer.status, answer.body.error, answer.headers.get('signature-error')]).toEqual([
      503,
      'temporarily_unavailable',
      null,
    ]);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('of a resource for which the agent has no person token, whose keys are not even fetched', async () => {
    const stranger = await startResourcePeer(deployment.clock, 'stranger');
    const { presented, tokens } = await acceptable();
    const resourceToken = await stranger.challenge(presented);
    await expectRefused(exchange({ ...tokens, resource_token: resourceToken }), 400, 'invalid_resource_token');
    expect(stranger.fetched).toEqual([]);
    await stranger.stop();
  });

  test('when a token is missing, or the request is malformed', async () => {
    const { tokens } = await acceptable();
    for (const body of [
      { presented_token: tokens.presented_token },
      { resource_token: tokens.resource_token },
      { ...tokens, presented_token: 7 },
      { ...tokens, platform: 'toaster' },
      { ...tokens, device: `a${String.fromCharCode(7)}` },
      { ...tokens, capabilities: 'interaction' },
      { ...tokens, subagent_token: tokens.presented_token },
    ]) {
      await expectRefused(ask(deployment, agent, '/auth-token', body), 400, 'invalid_request');
    }
    const optional = { platform: 'workload', device: 'Laptop', capabilities: ['interaction'], prompt: 'none', x: 1 };
    expect((await exchange(tokens, optional)).status).toBe(200);
  });
});
