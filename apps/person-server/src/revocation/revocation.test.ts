import { createServerFetch } from '@aauth-stack/aauth/agent';
import { parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import { issueAgentToken, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../test/agent-provider-peer.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import {
  agentTokenOf,
  approvedAgent,
  ask,
  authToken,
  claimsOf,
  jtiOf,
  personToken,
  type TestAgent,
} from '../../test/test-agent.ts';
import { agents, issuedTokens, revocationNotices, revokedTokens } from '../db/schema.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let downstream: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  downstream = await startResourcePeer(deployment.clock, 'downstream');
});
afterAll(async () => {
  await Promise.all([resource?.stop(), downstream?.stop()]);
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  resource.revoked.length = 0;
  downstream.revoked.length = 0;
  agent = await approvedAgent(deployment);
});

interface Server {
  readonly issuer: ResourcePeer['issuer'];
  readonly key: ResourcePeer['key'];
}

/** Takes back a token as a server. */
async function revoke(
  server: Server,
  body: object,
  dwk: (typeof metadataDocuments)[keyof typeof metadataDocuments] = metadataDocuments.agentProvider,
): Promise<Response> {
  deployment.clock.advance(1);
  const { clock } = deployment;
  const send = createServerFetch({
    fetch: deployment.fetch,
    identifier: server.issuer,
    dwk,
    key: server.key,
    now: clock.now,
  });
  return send(`${deployment.origin}/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const agentTokenRevocation = ({ token }: Pick<TestAgent, 'token'>) => ({ jti: jtiOf(token), exp: claimsOf(token).exp });
const toldOf = (peer: ResourcePeer) => peer.revoked.map(({ jti }) => jti).sort();
const askAgain = (sender: Pick<TestAgent, 'token' | 'key'> = agent) =>
  ask(deployment, sender, '/person-token', { resource: resource.issuer });
const asPerson = (path: string) => deployment.asPerson(path, { method: 'POST' });

async function everything() {
  const person = await personToken(deployment, agent, resource);
  const auth = await authToken(deployment, agent, resource, person);
  const intermediary = await resource.asAgent();
  const chained = await personToken(deployment, intermediary, downstream, { upstream_token: auth });
  const further = await authToken(deployment, intermediary, downstream, chained, { upstream_token: auth });
  return { person, auth, chained, further };
}

describe('an agent token that its provider takes back', () => {
  test('is refused, and all that its agent got is taken back from the resources, also further down the chain', async () => {
    const { person, auth, chained, further } = await everything();
    const bystander = await approvedAgent(deployment, 'Bystander');
    const untouched = await personToken(deployment, bystander, resource);
    deployment.useReplica(1);
    const response = await revoke(deployment.peer, agentTokenRevocation(agent));
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(toldOf(resource)).toEqual([person, auth].map(jtiOf).sort());
    expect(toldOf(downstream)).toEqual([chained, further].map(jtiOf).sort());
    expect(resource.revoked[0]).toMatchObject({ issuer: deployment.origin, dwk: 'aauth-person.json' });

    for (const replica of [0, 1]) {
      deployment.useReplica(replica);
      const answer = await askAgain();
      expect([answer.status, answer.headers.get('signature-error')]).toEqual([401, 'error=revoked_jwt']);
    }
    expect((await askAgain(bystander)).status).toBe(200);
    const records = await deployment.db
      .select()
      .from(issuedTokens)
      .where(eq(issuedTokens.jti, jtiOf(untouched)));
    expect(records[0]?.revokedAt).toBeNull();
  });

  test('leaves the binding: with a new agent token the agent goes on', async () => {
    await askAgain();
    expect((await revoke(deployment.peer, agentTokenRevocation(agent))).status).toBe(200);
    const renewed = await agentTokenOf(deployment, agent.id, await newKey('renewed'));
    expect((await askAgain(renewed)).status).toBe(200);
  });

  test('may be one of several, may never have been seen, and may be taken back twice', async () => {
    const person = await personToken(deployment, agent, resource);
    const second = await agentTokenOf(deployment, agent.id, await newKey('second'));
    expect((await askAgain(second)).status).toBe(200);
    const unseen = await agentTokenOf(deployment, agent.id, await newKey('unseen'));
    expect((await revoke(deployment.peer, agentTokenRevocation(unseen))).status).toBe(200);
    expect((await askAgain(unseen)).status).toBe(401);
    expect(toldOf(resource)).toEqual([]);
    for (const _ of [1, 2]) expect((await revoke(deployment.peer, agentTokenRevocation(second))).status).toBe(200);
    expect(toldOf(resource)).toContain(jtiOf(person));
    expect(toldOf(resource)).toHaveLength(2);
  });

  test('is remembered across a restart, and for a day after it has expired', async () => {
    expect((await revoke(deployment.peer, agentTokenRevocation(agent))).status).toBe(200);
    await deployment.restart();
    expect((await askAgain()).status).toBe(401);
    const remembered = () =>
      deployment.db
        .select()
        .from(revokedTokens)
        .where(eq(revokedTokens.jti, jtiOf(agent.token)));
    await deployment.replicas()[0]?.maintain();
    expect(await remembered()).toHaveLength(1);
    deployment.clock.advance(3700);
    await deployment.replicas()[0]?.maintain();
    expect(await remembered()).toHaveLength(1);
    deployment.clock.advance(86_400);
    await deployment.replicas()[0]?.maintain();
    expect(await remembered()).toEqual([]);
  });

  test('while its agent is being issued tokens by the dozen: none of them stands afterwards', async () => {
    await askAgain();
    const asked = Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        deployment.useReplica(index % 2);
        return askAgain();
      }),
    );
    const revoked = await revoke(deployment.peer, agentTokenRevocation(agent));
    expect(revoked.status).toBe(200);
    expect((await asked).every(({ status }) => status === 200 || status === 401)).toBe(true);
    const records = await deployment.db.select().from(issuedTokens).where(eq(issuedTokens.agentId, agent.id));
    expect(records.filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
  });
});

describe('a revocation is refused, and changes nothing,', () => {
  const nothingChanged = async () => {
    expect((await askAgain()).status).toBe(200);
    expect(toldOf(resource)).toEqual([]);
  };

  test('of a server that is not trusted as a provider, whose keys are not even fetched', async () => {
    const stranger = await startResourcePeer(deployment.clock, 'stranger');
    const response = await revoke(stranger, agentTokenRevocation(agent));
    expect(response.status).toBe(403);
    expect(response.headers.get('signature-error')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'unsupported_iss' });
    expect(stranger.fetched).toEqual([]);
    await stranger.stop();
    await nothingChanged();
  });

  test('of the provider in another role, and in vain of another issuer’s token', async () => {
    await personToken(deployment, agent, resource);
    const response = await revoke(deployment.peer, agentTokenRevocation(agent), metadataDocuments.resource);
    expect(response.status).toBe(403);
    const own = await revoke(resource, agentTokenRevocation(agent), metadataDocuments.resource);
    expect(own.status).toBe(200);
    await nothingChanged();
  });

  test('with a wrong key, or without a body that makes sense', async () => {
    const forged = { issuer: deployment.peer.issuer, key: await newKey(deployment.peer.key.kid ?? '') };
    const response = await revoke(forged, agentTokenRevocation(agent));
    expect([response.status, response.headers.get('signature-error')]).toEqual([401, 'error=invalid_signature']);
    for (const body of [{}, { jti: 1, exp: 1 }, { jti: 'x' }, { jti: '', exp: 1 }, [], { jti: 'x', exp: '1' }]) {
      const malformed = await revoke(deployment.peer, body);
      expect(malformed.status).toBe(400);
      expect(await malformed.json()).toMatchObject({ error: 'invalid_request' });
    }
    await nothingChanged();
  });

  test('unsigned', async () => {
    const init = { method: 'POST', body: JSON.stringify(agentTokenRevocation(agent)) };
    for (const send of [deployment.request, deployment.asPerson])
      expect((await send('/revoke', init)).status).toBe(401);
    await nothingChanged();
  });
});

test('a resource takes back a resource token of its own', async () => {
  const presented = await personToken(deployment, agent, resource);
  const resourceToken = await resource.challenge(presented);
  const tokens = { resource_token: resourceToken, presented_token: presented };
  expect((await ask(deployment, agent, '/auth-token', tokens)).status).toBe(200);
  const taken = await revoke(resource, agentTokenRevocation({ token: resourceToken }), metadataDocuments.resource);
  expect(taken.status).toBe(200);
  const { status, body } = await ask(deployment, agent, '/auth-token', tokens);
  expect([status, body.error]).toEqual([400, 'revoked_resource_token']);
});

describe('the person', () => {
  test('takes back one token, and what was issued on the strength of it', async () => {
    const { person, auth, chained, further } = await everything();
    expect((await asPerson(`/person/issued-tokens/${jtiOf(auth)}/revoke`)).status).toBe(200);
    expect(toldOf(resource)).toEqual([jtiOf(auth)]);
    expect(toldOf(downstream)).toEqual([chained, further].map(jtiOf).sort());
    const { tokens: list } = Object(await (await deployment.asPerson('/person/issued-tokens')).json());
    const row = (token: string) => list.find(({ jti }: { jti: string }) => jti === jtiOf(token));
    expect(row(auth)).toMatchObject({
      type: 'aa-auth+jwt',
      agent_id: agent.id,
      audience: resource.issuer,
      scope: ['read'],
      revoked_at: expect.any(String),
      notice: 'told',
    });
    expect(row(person)).toMatchObject({ revoked_at: null, notice: null });
    expect(row(further)).toMatchObject({ upstream_jti: jtiOf(auth), notice: 'told' });
    const again = await asPerson(`/person/issued-tokens/${jtiOf(auth)}/revoke`);
    expect(again.status).toBe(409);
    expect((await asPerson(`/person/issued-tokens/${crypto.randomUUID()}/revoke`)).status).toBe(404);
    expect((await asPerson('/person/issued-tokens/a%2Fb/revoke')).status).toBe(404);
    expect((await deployment.request(`/person/issued-tokens/${jtiOf(person)}/revoke`, { method: 'POST' })).status).toBe(
      401,
    );
  });

  test('revokes an agent: it gets nothing any more, whatever agent token it comes with', async () => {
    const { person, auth } = await everything();
    expect((await asPerson(`/person/bindings/${encodeURIComponent(agent.id)}/revoke`)).status).toBe(200);
    expect(toldOf(resource)).toEqual([person, auth].map(jtiOf).sort());
    const renewed = await agentTokenOf(deployment, agent.id, await newKey('renewed'));
    for (const sender of [agent, renewed]) {
      const answer = await askAgain(sender);
      expect([answer.status, answer.headers.get('signature-error')]).toEqual([401, 'error=revoked_jwt']);
    }
    const [record] = await deployment.db.select().from(agents).where(eq(agents.agentId, agent.id));
    expect(record?.personId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('revokes an agent while its provider is away: here at once, there when it is back', async () => {
    const { person } = await everything();
    await askAgain();
    const binding = deployment.peer.bindings.find(({ agent_id }) => agent_id === agent.id);
    deployment.peer.loseAnswerTo = undefined;
    deployment.peer.answer = () => {
      const isList = deployment.peer.requests.at(-1) === 'GET /person/bindings';
      return isList ? Response.json(deployment.peer.bindings) : new Response('away', { status: 503 });
    };
    expect((await asPerson(`/person/bindings/${encodeURIComponent(agent.id)}/revoke`)).status).toBe(503);
    expect((await askAgain()).status).toBe(401);
    expect(toldOf(resource)).toContain(jtiOf(person));
    expect(binding?.revoked).toBe(false);
    deployment.peer.answer = undefined;
    await deployment.peer.post({ event: 'registration.created', id: 'x' });
    await expect.poll(() => binding?.revoked).toBe(true);
  });

  test('learns of a revocation that the provider made while nobody heard of it', async () => {
    const { person } = await everything();
    const binding = deployment.peer.bindings.find(({ agent_id }) => agent_id === agent.id);
    if (binding) binding.revoked = true;
    await deployment.peer.post({ event: 'agent.revoked', id: agent.id });
    await expect.poll(() => toldOf(resource)).toContain(jtiOf(person));
    expect((await askAgain()).status).toBe(401);
  });
});

describe('a resource', () => {
  const noticeOf = async (token: string) => {
    const [row] = await deployment.db
      .select()
      .from(revocationNotices)
      .where(eq(revocationNotices.jti, jtiOf(token)));
    return row;
  };
  const take = async (token: string) =>
    expect((await asPerson(`/person/issued-tokens/${jtiOf(token)}/revoke`)).status).toBe(200);

  test('that is away is told when it is back, also by another replica after a restart', async () => {
    const away = await startResourcePeer(deployment.clock, 'away');
    const token = await personToken(deployment, agent, away);
    await authToken(deployment, agent, away, token);
    await away.goAway();
    await take(token);
    expect(await noticeOf(token)).toMatchObject({ outcome: 'waiting', attempts: 1 });
    await away.comeBack();
    deployment.clock.advance(30);
    await deployment.restart();
    await expect.poll(() => toldOf(away)).toContain(jtiOf(token));
    await expect.poll(async () => (await noticeOf(token))?.outcome).toBe('told');
    await away.stop();
  });

  test.each([
    [429, 'waiting'],
    [500, 'waiting'],
    [401, 'waiting'],
    [403, 'refused'],
    [404, 'waiting'],
    [400, 'refused'],
  ])('that answers %i leaves the notice %s', async (status, outcome) => {
    const token = await personToken(deployment, agent, downstream);
    downstream.answer = () => new Response('no', { status });
    const before = downstream.attempts;
    await take(token);
    downstream.answer = undefined;
    expect(downstream.attempts).toBeGreaterThan(before);
    expect(await noticeOf(token)).toMatchObject({ outcome, attempts: 1 });
  });

  test('without a revocation endpoint is not told, and the person learns that', async () => {
    const deaf = await startResourcePeer(deployment.clock, 'deaf');
    deaf.metadata = { ...deaf.metadata, revocation_endpoint: undefined };
    const token = await personToken(deployment, agent, deaf);
    await take(token);
    expect((await noticeOf(token))?.outcome).toBe('unsupported');
    await deaf.stop();
  });

  test('that hangs is not waited for any longer than a few seconds', async () => {
    const token = await personToken(deployment, agent, downstream);
    const { promise, resolve } = Promise.withResolvers<Response>();
    // Hono takes a promise of a response as well.
    Object.assign(downstream, { answer: () => promise });
    // Until it answers, or the server gives up.
    await take(token);
    resolve(new Response(null, { status: 200 }));
    downstream.answer = undefined;
  });

  test('is told nothing of a token that has expired', async () => {
    const token = await personToken(deployment, agent, resource);
    deployment.clock.advance(3601);
    expect((await asPerson(`/person/issued-tokens/${jtiOf(token)}/revoke`)).status).toBe(409);
    expect(toldOf(resource)).toEqual([]);
  });
});

test('what has expired everywhere is forgotten', async () => {
  const token = await personToken(deployment, agent, resource);
  const records = () =>
    deployment.db
      .select()
      .from(issuedTokens)
      .where(eq(issuedTokens.jti, jtiOf(token)));
  deployment.clock.advance(3600 + 500);
  await deployment.replicas()[0]?.maintain();
  expect(await records()).toHaveLength(1);
  deployment.clock.advance(200);
  await deployment.replicas()[0]?.maintain();
  expect(await records()).toEqual([]);
});

test('an agent token of somebody who only says that they are the provider is no token of theirs to take back', async () => {
  const subject = parseAgentIdentifier(agent.id).id;
  const issuer = deployment.peer.issuer;
  const forged = await issueAgentToken({
    issuer,
    subject,
    key: await newKey(deployment.peer.key.kid ?? ''),
    cnf: agent.key.publicJwk,
    now: deployment.clock.now,
  });
  const answer = await askAgain({ token: forged.token, key: agent.key });
  expect([answer.status, answer.headers.get('signature-error')]).toEqual([401, 'error=invalid_jwt']);
});
