import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { lookInto } from '../../test/database.ts';
import type { TestRevocationEndpoint } from '../../test/recipient.ts';
import {
  asPersonServer,
  createWorld,
  type EnrolledAgent,
  enrolledAgent,
  type Replica,
  refresh,
  revoke,
  shareWorld,
  type World,
} from '../../test/world.ts';
import { revocations } from '../db/schema.ts';

const sharedWorld = shareWorld({ resources: 2 });
const waitLong = { timeout: 10_000, interval: 20 };

function jtiOf(token: string) {
  return z.object({ jti: z.string(), exp: z.number() }).parse(decodeTokenForDisplay(token)?.claims);
}

/** The token of a refresh, as a revocation names it. */
async function refreshed(world: World, agent: EnrolledAgent) {
  world.clock.advance(1);
  const response = await refresh(world, agent);
  return jtiOf(z.object({ agent_token: z.string() }).parse(await response.json()).agent_token);
}

/** The two resources; what one test made of them is undone for the next. */
function resourcesOf(world: World) {
  const [first, second] = world.resources;
  if (!first || !second) throw new Error('this world has two resources');
  return [first, second] as const;
}

function answering(endpoint: TestRevocationEndpoint, answer: TestRevocationEndpoint['answer']): void {
  endpoint.answer = answer;
  onTestFinished(() => {
    endpoint.answer = undefined;
  });
}

/** What was taken of an agent's tokens. */
function taken(endpoint: TestRevocationEndpoint, jti: string) {
  return endpoint.revoked.filter((received) => received.jti === jti);
}

async function statesOf(world: World, agentId: string) {
  const bindings = z
    .array(
      z.object({
        agent_id: z.string(),
        revocations: z.array(z.object({ recipient: z.string(), state: z.string(), error: z.string().nullable() })),
      }),
    )
    .parse(await (await asPersonServer(world, 'GET', 'bindings')).json());
  const found = bindings.find(({ agent_id }) => agent_id === agentId)?.revocations ?? [];
  return Object.fromEntries(found.map(({ recipient, state, error }) => [recipient, { state, error }]));
}

/** Lets the time of one retry pass, everywhere. */
async function retry(world: World, seconds = 1, replica: Replica = world.replica): Promise<void> {
  world.clock.advance(seconds);
  await replica.provider().deliverRevocations();
}

test('revoking an agent makes its very next call fail, and that of no other agent', async () => {
  const world = await createWorld({ resources: 1 });
  const [resource] = world.resources;
  if (!resource) throw new Error('this world has a resource');
  const agent = await enrolledAgent(world);
  const other = await enrolledAgent(world);
  const call = (as: EnrolledAgent) => {
    world.clock.advance(1);
    const credentials = async () => ({ token: as.token, key: as.ephemeralKey });
    const signedFetch = createSignedFetch({ fetch: world.httpFetch, credentials, now: world.clock.now });
    return signedFetch(`${resource.identifier}/protected`);
  };
  expect((await call(agent)).status).toBe(200);

  expect((await revoke(world, agent.agentId)).status).toBe(200);
  await expect(call(agent)).rejects.toMatchObject({ code: 'revoked_jwt', status: 401 });
  expect((await call(other)).status).toBe(200);
});

test('each recipient is told of every token that is still good, signed by this provider, before the person is answered', async () => {
  const world = sharedWorld();
  const [first, second] = resourcesOf(world);
  const agent = await enrolledAgent(world);
  const old = jtiOf(agent.token);
  world.clock.advance(3600 - 10);
  const tokens = [await refreshed(world, agent), await refreshed(world, agent)];
  world.clock.advance(10);
  await revoke(world, agent.agentId);

  // The endpoints are the library's own: what they took, they have verified.
  for (const { revoked } of [world.personServer.revocations, first.endpoint, second.endpoint]) {
    expect(revoked).toEqual(expect.arrayContaining(tokens));
    expect(revoked.map(({ jti }) => jti)).not.toContain(old.jti);
  }
  const delivered = { state: 'delivered', error: null };
  expect(await statesOf(world, agent.agentId)).toEqual({
    [world.personServer.identifier]: delivered,
    [first.identifier]: delivered,
    [second.identifier]: delivered,
  });
  const lines = world.log.lines().filter(({ msg }) => String(msg).startsWith('revoked a token of'));
  expect(lines.filter(({ agent: id }) => id === agent.agentId)).toHaveLength(6);
});

test('revoking again tells nobody again', async () => {
  const world = sharedWorld();
  const [{ endpoint }] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  await revoke(world, agentId);
  expect((await revoke(world, agentId)).status).toBe(200);
  await retry(world, 60);
  expect(taken(endpoint, jtiOf(token).jti)).toHaveLength(1);
});

test('a recipient that is down is told when it is up again; the others are not kept waiting', async () => {
  const world = await createWorld({ resources: 2 });
  const [down, up] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  const { jti } = jtiOf(token);
  await down.stop();
  expect((await revoke(world, agentId)).status).toBe(200);
  expect(taken(up.endpoint, jti)).toHaveLength(1);
  expect(await statesOf(world, agentId)).toMatchObject({
    [down.identifier]: { state: 'waiting', error: expect.stringMatching(/cannot be fetched/) },
    [up.identifier]: { state: 'delivered', error: null },
  });
  await retry(world);
  const complaints = () =>
    world.log.lines().filter(({ recipient, level }) => recipient === down.identifier && level === 'warn');
  expect(complaints()).toHaveLength(1);

  await down.restart();
  const retried = async () => {
    await retry(world, 5);
    return taken(down.endpoint, jti);
  };
  await expect.poll(retried, waitLong).toHaveLength(1);
  expect(await statesOf(world, agentId)).toMatchObject({ [down.identifier]: { state: 'delivered', error: null } });
  expect(taken(up.endpoint, jti)).toHaveLength(1);
});

test('for a recipient that does not answer the person waits two seconds', async () => {
  const world = sharedWorld();
  const [slow, quick] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  const { jti } = jtiOf(token);
  const reached = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<Response>();
  answering(slow.endpoint, () => {
    reached.resolve();
    return answered.promise;
  });
  let status: number | undefined;
  const revoking = revoke(world, agentId).then((response) => {
    status = response.status;
  });
  await reached.promise;
  await expect.poll(() => taken(quick.endpoint, jti), waitLong).toHaveLength(1);
  world.clock.advance(1);
  expect(status).toBeUndefined();
  world.clock.advance(1);
  await revoking;
  expect(status).toBe(200);
  expect(await statesOf(world, agentId)).toMatchObject({ [slow.identifier]: { state: 'waiting' } });
  answered.resolve(new Response(null, { status: 200 }));
  await expect
    .poll(() => statesOf(world, agentId), waitLong)
    .toMatchObject({ [slow.identifier]: { state: 'delivered' } });
});

test('what was not delivered before a restart is delivered after it, broken off in the middle or not', async () => {
  const world = sharedWorld();
  const [failing, silent] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  const { jti } = jtiOf(token);
  answering(failing.endpoint, (c) => c.json({ error: 'temporarily_unavailable', detail: 'not now' }, 503));
  const reached = Promise.withResolvers<void>();
  answering(silent.endpoint, () => {
    reached.resolve();
    return new Promise(() => {});
  });
  const revoking = revoke(world, agentId);
  await reached.promise;
  await expect
    .poll(() => statesOf(world, agentId), waitLong)
    .toMatchObject({
      [failing.identifier]: { state: 'waiting', error: '503 temporarily_unavailable (not now)' },
    });
  world.clock.advance(2);
  await revoking;
  failing.endpoint.answer = undefined;
  silent.endpoint.answer = undefined;
  await world.replica.restart();
  const delivered = async () => {
    await retry(world);
    return [taken(failing.endpoint, jti).length, taken(silent.endpoint, jti).length];
  };
  await expect.poll(delivered, waitLong).toEqual([1, 1]);
});

test('two replicas send each revocation once, also many of them', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const replica = await world.addReplica();
  const agent = await enrolledAgent(world);
  const tokens = [jtiOf(agent.token)];
  for (let n = 0; n < 24; n += 1) tokens.push(await refreshed(world, agent));
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agent.agentId);
  resource.endpoint.answer = undefined;
  const sent = async () => {
    world.clock.advance(1);
    await Promise.all([world.replica, replica].map((each) => each.provider().deliverRevocations()));
    return tokens.every(({ jti }) => taken(resource.endpoint, jti).length > 0);
  };
  await expect.poll(sent, waitLong).toBe(true);
  for (const { endpoint } of [...world.resources, { endpoint: world.personServer.revocations }]) {
    await expect
      .poll(() => tokens.map(({ jti }) => taken(endpoint, jti).length), waitLong)
      .toEqual(tokens.map(() => 1));
  }
});

test('while one replica waits for an answer no other asks, until it must be taken for dead', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const replica = await world.addReplica();
  const { agentId, token } = await enrolledAgent(world);
  const reached = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<Response>();
  answering(resource.endpoint, () => {
    reached.resolve();
    return answered.promise;
  });
  const before = resource.endpoint.requests;
  const revoking = revoke(world, agentId);
  await reached.promise;
  await retry(world, 29, replica);
  await revoking;
  expect(resource.endpoint.requests - before).toBe(1);
  resource.endpoint.answer = undefined;
  await retry(world, 1, replica);
  expect(resource.endpoint.requests - before).toBe(2);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(1);
  // The first replica was alive after all, but it has lost its say.
  answered.resolve(new Response(null, { status: 403 }));
  const lateAnswers = () => world.log.lines().filter(({ msg }) => String(msg).startsWith('an answer came when'));
  await expect.poll(lateAnswers, waitLong).toHaveLength(1);
  expect(await statesOf(world, agentId)).toMatchObject({ [resource.identifier]: { state: 'delivered' } });
});

test('a recipient that does not take revocations from this provider is not asked again', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const { agentId } = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ error: 'unsupported_iss', detail: 'Who are you?' }, 403));
  const before = resource.endpoint.requests;
  await revoke(world, agentId);
  const refused = { state: 'refused', error: '403 unsupported_iss (Who are you?)' };
  expect(await statesOf(world, agentId)).toMatchObject({ [resource.identifier]: refused });
  await retry(world, 600);
  expect(resource.endpoint.requests - before).toBe(1);
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'warn', agent: agentId, recipient: resource.identifier, state: 'refused' }),
  );
});

test('Retry-After is honoured', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ error: 'rate_limited' }, 429, { 'retry-after': '120' }));
  await revoke(world, agentId);
  resource.endpoint.answer = undefined;
  await retry(world, 119);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(0);
  await retry(world, 1);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(1);
});

test('a 202 is polled, signed, until the recipient has finished', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const { agentId } = await enrolledAgent(world);
  const pending = { location: '/revoke?pending=1', 'retry-after': '10' };
  answering(resource.endpoint, (c) => c.json({ status: 'pending' }, 202, pending));
  const polls: string[] = [];
  resource.poll = (c) => {
    polls.push(`${c.req.method} ${c.req.header('signature-key')}`);
    return polls.length === 1 ? c.json({ status: 'pending' }, 202) : c.body(null, 200);
  };
  await revoke(world, agentId);
  expect(await statesOf(world, agentId)).toMatchObject({ [resource.identifier]: { state: 'pending', error: null } });
  await retry(world, 9);
  expect(polls).toHaveLength(0);
  await retry(world, 1);
  expect(polls).toEqual([expect.stringMatching(`^GET sig=jwks_uri;id="${world.issuer}";dwk="aauth-agent.json"`)]);
  await retry(world, 5);
  expect(await statesOf(world, agentId)).toMatchObject({ [resource.identifier]: { state: 'delivered', error: null } });
});

test('a pending revocation that ends without a result starts again', async () => {
  const world = sharedWorld();
  const [resource] = resourcesOf(world);
  const { agentId, token } = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ status: 'pending' }, 202, { location: '/revoke?pending=2' }));
  resource.poll = (c) => c.json({ error: 'gone' }, 410);
  await revoke(world, agentId);
  resource.endpoint.answer = undefined;
  await retry(world, 5);
  expect(await statesOf(world, agentId)).toMatchObject({
    [resource.identifier]: { state: 'waiting', error: '410 gone' },
  });
  await retry(world, 60);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(1);
});

test('what a recipient could not pass on is shown', async () => {
  const world = sharedWorld();
  const { agentId } = await enrolledAgent(world);
  const downstream = [
    { recipient: 'https://as.example', error: 'revocation_unavailable' },
    { recipient: 'https://ok.example' },
  ];
  answering(world.personServer.revocations, (c) => c.json({ downstream }));
  await revoke(world, agentId);
  expect(await statesOf(world, agentId)).toMatchObject({
    [world.personServer.identifier]: {
      state: 'delivered',
      error: 'not passed on to https://as.example: revocation_unavailable',
    },
  });
});

test.each([
  ['none', undefined],
  ['one on another host', 'http://elsewhere.localhost:9/revoke'],
  ['one with a query', 'query'],
  ['no URL', 7],
])('a recipient whose metadata names %s as revocation_endpoint is asked when it names one', async (_, value) => {
  const world = await createWorld({ resources: 1 });
  const [resource] = world.resources;
  if (!resource) throw new Error('this world has a resource');
  const { agentId, token } = await enrolledAgent(world);
  resource.metadata = { revocation_endpoint: value === 'query' ? `${resource.identifier}/revoke?x=1` : value };
  await revoke(world, agentId);
  expect(await statesOf(world, agentId)).toMatchObject({
    [resource.identifier]: { state: 'unsupported', error: expect.stringContaining('aauth-resource.json') },
  });
  expect(resource.endpoint.requests).toBe(0);
  resource.metadata = {};
  await retry(world, 601);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(1);
});

test('a Person Server without an endpoint is left at what the events tell it', async () => {
  const world = await createWorld();
  const { agentId } = await enrolledAgent(world);
  world.personServer.hasRevocationEndpoint = false;
  world.clock.advance(601);
  expect((await revoke(world, agentId)).status).toBe(200);
  expect(await statesOf(world, agentId)).toMatchObject({ [world.personServer.identifier]: { state: 'unsupported' } });
  await expect.poll(() => world.personServer.events, waitLong).toContainEqual({ event: 'agent.revoked', id: agentId });
});

test('a revocation ends with its token, and is forgotten a day later', async () => {
  const world = await createWorld({ resources: 1 });
  const [resource] = world.resources;
  if (!resource) throw new Error('this world has a resource');
  const db = await lookInto(world.databaseUrl);
  const { agentId } = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agentId);
  await retry(world, 3599);
  const { requests } = resource.endpoint;
  expect(requests).toBe(2);
  await retry(world, 1);
  await world.replica.provider().maintain();
  expect(resource.endpoint.requests).toBe(requests);
  expect(await statesOf(world, agentId)).toMatchObject({ [resource.identifier]: { state: 'expired', error: '503' } });
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: expect.stringContaining('never revoked') }),
  );
  world.clock.advance(86_401);
  await world.replica.provider().maintain();
  expect(await db.select().from(revocations)).toEqual([]);
});

test('a revocation is signed with the key that is active when it is sent', async () => {
  const world = await createWorld({ resources: 1 });
  const [resource] = world.resources;
  if (!resource) throw new Error('this world has a resource');
  const { agentId, token } = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agentId);
  const headers = { authorization: `Bearer ${world.config.operatorToken}` };
  await fetch(`${world.replica.server.url}/operator/keys/rotate`, { method: 'POST', headers });
  resource.endpoint.answer = undefined;
  await retry(world);
  expect(taken(resource.endpoint, jtiOf(token).jti)).toHaveLength(1);
});
