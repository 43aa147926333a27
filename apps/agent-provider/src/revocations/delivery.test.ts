import { expect, test } from 'vitest';
import { lookInto } from '../../test/database.ts';
import { answering, namesOf, refreshed, resourceOf, retry, statesOf, timesTaken } from '../../test/revocation.ts';
import { enrolledAgent, revoke, shareWorld } from '../../test/world.ts';
import { revocations } from '../db/schema.ts';

const sharedWorld = shareWorld({ resources: 2 });
const waitLong = { interval: 20 };

test('a recipient that is down is told when it is up again; the others are not kept waiting', async () => {
  const world = sharedWorld();
  const [down, up] = [resourceOf(world), resourceOf(world, 1)];
  await revoke(world, (await enrolledAgent(world)).agentId);
  const agent = await enrolledAgent(world);
  await down.stop();
  expect((await revoke(world, agent.agentId)).status).toBe(200);
  expect(timesTaken(up.endpoint, agent.token)).toBe(1);
  expect(await statesOf(world, agent)).toMatchObject({
    [down.identifier]: { state: 'waiting', error: 'it cannot be reached' },
    [up.identifier]: { state: 'delivered', error: null },
  });
  await retry(world);
  const complaints = () =>
    world.log
      .lines()
      .filter(
        ({ agent: id, recipient, level }) => id === agent.agentId && recipient === down.identifier && level === 'warn',
      );
  expect(complaints()).toHaveLength(1);

  await down.restart();
  const retried = async () => {
    await retry(world, 5);
    return timesTaken(down.endpoint, agent.token);
  };
  await expect.poll(retried, waitLong).toBe(1);
  expect(await statesOf(world, agent)).toMatchObject({ [down.identifier]: { state: 'delivered', error: null } });
  expect(timesTaken(up.endpoint, agent.token)).toBe(1);
});

test('for a recipient that does not answer the person waits two seconds', async () => {
  const world = sharedWorld();
  const [slow, quick] = [resourceOf(world), resourceOf(world, 1)];
  const agent = await enrolledAgent(world);
  const reached = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<Response>();
  answering(slow.endpoint, () => {
    reached.resolve();
    return answered.promise;
  });
  let status: number | undefined;
  const revoking = revoke(world, agent.agentId).then((response) => {
    status = response.status;
  });
  await reached.promise;
  await expect.poll(() => timesTaken(quick.endpoint, agent.token), waitLong).toBe(1);
  world.clock.advance(1);
  expect(status).toBeUndefined();
  world.clock.advance(1);
  await revoking;
  expect(status).toBe(200);
  expect(await statesOf(world, agent)).toMatchObject({ [slow.identifier]: { state: 'waiting' } });
  answered.resolve(new Response(null, { status: 200 }));
  await expect
    .poll(() => statesOf(world, agent), waitLong)
    .toMatchObject({ [slow.identifier]: { state: 'delivered' } });
});

test('what was not delivered before a restart is delivered after it, broken off in the middle or not', async () => {
  const world = sharedWorld();
  const [failing, silent] = [resourceOf(world), resourceOf(world, 1)];
  const agent = await enrolledAgent(world);
  answering(failing.endpoint, (c) => c.json({ error: 'temporarily_unavailable', detail: 'not now' }, 503));
  const reached = Promise.withResolvers<void>();
  answering(silent.endpoint, () => {
    reached.resolve();
    return new Promise(() => {});
  });
  const revoking = revoke(world, agent.agentId);
  await reached.promise;
  await expect
    .poll(() => statesOf(world, agent), waitLong)
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
    return [timesTaken(failing.endpoint, agent.token), timesTaken(silent.endpoint, agent.token)];
  };
  await expect.poll(delivered, waitLong).toEqual([1, 1]);
});

test('two replicas send each revocation once, also many of them', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const replica = await world.addReplica();
  const agent = await enrolledAgent(world);
  const tokens = [namesOf(agent.token)];
  for (let n = 0; n < 24; n += 1) tokens.push(await refreshed(world, agent));
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agent.agentId);
  resource.endpoint.answer = undefined;
  const sent = async () => {
    world.clock.advance(1);
    await Promise.all([world.replica, replica].map((each) => each.provider().deliverRevocations()));
    return tokens.every((token) => timesTaken(resource.endpoint, token) > 0);
  };
  await expect.poll(sent, waitLong).toBe(true);
  for (const { endpoint } of [...world.resources, { endpoint: world.personServer.revocations }]) {
    await expect.poll(() => tokens.map((token) => timesTaken(endpoint, token)), waitLong).toEqual(tokens.map(() => 1));
  }
});

test('while one replica waits for an answer no other asks, until it must be taken for dead', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const replica = await world.addReplica();
  const agent = await enrolledAgent(world);
  const reached = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<Response>();
  answering(resource.endpoint, () => {
    reached.resolve();
    return answered.promise;
  });
  const before = resource.endpoint.requests;
  const revoking = revoke(world, agent.agentId);
  await reached.promise;
  await retry(world, 29, replica);
  await revoking;
  expect(resource.endpoint.requests - before).toBe(1);
  resource.endpoint.answer = undefined;
  await retry(world, 1, replica);
  expect(resource.endpoint.requests - before).toBe(2);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(1);
  // The first replica was alive after all, but it has lost its say.
  answered.resolve(new Response(null, { status: 403 }));
  const lateAnswers = () => world.log.lines().filter(({ msg }) => String(msg).startsWith('an answer came when'));
  await expect.poll(lateAnswers, waitLong).toHaveLength(1);
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: { state: 'delivered' } });
});

test('a revocation ends with its token, and is forgotten a day later', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const db = await lookInto(world.databaseUrl);
  const agent = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agent.agentId);
  const { requests: before } = resource.endpoint;
  await retry(world, 3599);
  const { requests } = resource.endpoint;
  expect(requests - before).toBe(1);
  await retry(world, 1);
  await world.replica.provider().maintain();
  expect(resource.endpoint.requests).toBe(requests);
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: { state: 'expired', error: '503' } });
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'warn', agent: agent.agentId, msg: expect.stringContaining('never revoked') }),
  );
  world.clock.advance(86_401);
  await world.replica.provider().maintain();
  expect(await db.select().from(revocations)).toEqual([]);
});

test('a revocation is signed with the key that is active when it is sent', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const agent = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({}, 503));
  await revoke(world, agent.agentId);
  const headers = { authorization: `Bearer ${world.config.operatorToken}` };
  await fetch(`${world.replica.server.url}/operator/keys/rotate`, { method: 'POST', headers });
  resource.endpoint.answer = undefined;
  // It may have asked for the keys just before, and asks again after a minute at the earliest.
  await retry(world);
  await retry(world, 60);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(1);
});
