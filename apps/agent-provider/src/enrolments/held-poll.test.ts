import { expect, test } from 'vitest';
import { newAgent, type TestAgent } from '../../test/agent.ts';
import { asPersonServer, enrolmentId, poll, type Replica, register, shareWorld, type World } from '../../test/world.ts';

const sharedWorld = shareWorld();

async function heldPoll(world: World, agent: TestAgent, id: string, replica?: Replica, seconds = 20) {
  const path = `/register/pending/${id}`;
  return world.send(await world.sign(agent, { method: 'GET', path, headers: { prefer: `wait=${seconds}` } }), replica);
}

/** Until the held poll has looked at the enrolment, which it does before it waits. */
async function untilHeld(world: World, id: string): Promise<void> {
  const path = `/register/pending/${id}`;
  await expect.poll(() => JSON.stringify(world.log.lines()), { interval: 5 }).toContain(`poll of ${path} is held`);
}

for (const decidedAt of ['the same replica', 'another replica']) {
  test(`Prefer: wait holds the poll until the person decides at ${decidedAt}`, async () => {
    const world = sharedWorld();
    const other = await world.addReplica();
    const agent = await newAgent();
    const id = enrolmentId(await register(world, agent));
    const started = performance.now();
    const held = heldPoll(world, agent, id, decidedAt === 'another replica' ? other : undefined);
    await untilHeld(world, id);
    await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
    expect((await held).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(18_000);
  });
}

test('a denial and a revocation wake it too', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  const held = heldPoll(world, agent, id);
  await untilHeld(world, id);
  await asPersonServer(world, 'POST', `registrations/${id}/deny`);
  expect((await held).status).toBe(403);
});

test('a service that stops answers held polls with another 202', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  const held = heldPoll(world, agent, id, other);
  await untilHeld(world, id);
  await other.provider().drain();
  expect((await held).status).toBe(202);
});

test('polling again within a second is 429 slow_down; heeding Retry-After never is', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const first = await register(world, agent);
  const path = `/register/pending/${enrolmentId(first)}`;
  expect((await poll(world, agent, path)).status).toBe(202);
  const tooFast = await poll(world, agent, path);
  expect(tooFast.status).toBe(429);
  expect(tooFast.headers.get('retry-after')).toBe('5');
  expect(await tooFast.json()).toMatchObject({ error: 'slow_down' });
  world.clock.advance(Number(first.headers.get('retry-after')));
  expect((await poll(world, agent, path)).status).toBe(202);
});
