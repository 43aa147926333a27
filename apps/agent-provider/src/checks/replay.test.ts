import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { ReplayCaller } from '@aauth-stack/aauth/signatures';
import { createTestDatabase } from '@aauth-stack/service/testing';
import { expect, onTestFinished, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import { lookInto } from '../../test/database.ts';
import { enrolledAgent, enrolmentId, type Replica, register, shareWorld } from '../../test/world.ts';
import { createDatabaseReplayCache } from './replay.ts';

const sharedWorld = shareWorld();

test('a captured refresh is refused here, at the other replica and after a restart', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await enrolledAgent(world);
  world.clock.advance(1);
  const captured = await world.sign(agent, { method: 'POST', path: '/refresh' });
  expect((await world.send(captured)).status).toBe(200);
  const here = await world.send(captured);
  const there = await world.send(captured, other);
  await world.replica.restart();
  const afterwards = await world.send(captured);
  for (const response of [here, there, afterwards]) {
    expect(response.status).toBe(401);
    expect(response.headers.get('signature-error')).toBe('error=invalid_signature');
    expect(await response.text()).not.toContain('agent_token');
  }
});

test('when the window has passed it is too old, and its entry is forgotten', async () => {
  const world = sharedWorld();
  const agent = await enrolledAgent(world);
  world.clock.advance(1);
  const captured = await world.sign(agent, { method: 'POST', path: '/refresh' });
  expect((await world.send(captured)).status).toBe(200);
  world.clock.advance(61);
  await world.replica.provider().maintain();
  const late = await world.send(captured);
  expect(late.status).toBe(401);
});

test('a captured poll does not collect the result', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const path = `/register/pending/${enrolmentId(await register(world, agent))}`;
  const captured = await world.sign(agent, { method: 'GET', path });
  expect((await world.send(captured)).status).toBe(202);
  world.clock.advance(2);
  expect((await world.send(captured)).status).toBe(401);
});

test('a captured decision of the person is refused here and at the other replica', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const { agentId } = await enrolledAgent(world);
  let replay: ((replica: Replica) => Promise<Response>) | undefined;
  const captured = world.personServer.signingTo((input, init) => {
    replay = (replica) => replica.fetch(input, init);
    return replay(world.replica);
  });
  const url = `${world.issuer}/person/bindings/${encodeURIComponent(agentId)}/revoke`;
  expect((await captured(url, { method: 'POST' })).status).toBe(200);
  for (const replica of [world.replica, other]) {
    const response = await replay?.(replica);
    expect([response?.status, response?.headers.get('signature-error')]).toEqual([401, 'error=invalid_signature']);
  }
});

test('strangers that flood it, each with keys of its own, leave the agents that are enrolled their place', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const db = await lookInto(database.url);
  const now = () => 1_000;
  const cache = createDatabaseReplayCache({ db, now, maxEntries: 40 });
  const claim = (caller: ReplayCaller) => cache.claim(`${caller}`, now() + 60, caller);
  const answers: boolean[] = [];
  const flood = async () => {
    for (let key = 0; ; key++) answers.push(await claim(['jkt-jwt', `stranger ${key}`]));
  };
  await expect(flood()).rejects.toMatchObject({ code: 'rate_limited', status: 429 });
  expect(answers).toEqual(Array(20).fill(true));
  expect(await claim(['aauth:a@agent-provider.localhost'])).toBe(true);
});

test('the cache refuses when it is full of entries that still count, and recovers when they do not', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const db = await lookInto(database.url);
  let time = 1_000;
  const cache = createDatabaseReplayCache({ db, now: () => time, maxEntries: 3 });
  expect(await cache.claim('a', time + 60, ['one'])).toBe(true);
  expect(await cache.claim('a', time + 60, ['one'])).toBe(false);
  expect(await cache.claim('b', time + 60, ['two'])).toBe(true);
  expect(await cache.claim('c', time + 60, ['three'])).toBe(true);
  await expect(cache.claim('d', time + 60, ['four'])).rejects.toThrow(UnavailableError);
  time += 61;
  expect(await cache.claim('d', time + 60, ['four'])).toBe(true);
});

test('the clock of a replica that is ahead takes nothing from the others, and one that was set back lets no repeat pass', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const db = await lookInto(database.url);
  const time = Math.floor(Date.now() / 1000);
  let here = time;
  const cache = createDatabaseReplayCache({ db, now: () => here, maxEntries: 10 });
  const ahead = createDatabaseReplayCache({ db, now: () => time + 3600, maxEntries: 10 });
  expect(await cache.claim('now', time + 60, ['one'])).toBe(true);
  await ahead.purge();
  expect(await cache.claim('now', time + 60, ['one'])).toBe(false);
  expect(await cache.claim('long ago', 1_060, ['one'])).toBe(true);
  await cache.purge();
  here = 1_005;
  await expect(cache.claim('long ago', 1_060, ['one'])).rejects.toThrow(UnavailableError);
  expect(await cache.claim('signed since then', 1_065, ['one'])).toBe(true);
});
