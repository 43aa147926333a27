import { expect, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import { asPersonServer, createWorld, enrolledAgent, enrolmentId, register } from '../../test/world.ts';

test('a flood of enrolments is refused with 429 rate_limited and leaves no more than the limit behind', async () => {
  const world = await createWorld({ enrolmentLimits: { maxPending: 3, maxPerMinute: 100 } });
  const other = await world.addReplica();
  const agents = await Promise.all(Array.from({ length: 12 }, () => newAgent()));
  const requests = await Promise.all(
    agents.map((agent) => world.sign(agent, { method: 'POST', path: '/register', body: { agent_name: 'Flood' } })),
  );
  const responses = await Promise.all(requests.map((request, n) => world.send(request, n % 2 ? other : world.replica)));
  const refused = responses.filter((response) => response.status === 429);
  expect(refused).toHaveLength(9);
  expect(refused[0]?.headers.get('retry-after')).toBe('60');
  expect(await refused[0]?.json()).toMatchObject({ error: 'rate_limited' });
  expect(await (await asPersonServer(world, 'GET', 'registrations')).json()).toHaveLength(3);
});

test('enrolments in a minute are limited, also when they are decided at once, and the next minute is free again', async () => {
  const world = await createWorld({ enrolmentLimits: { maxPending: 100, maxPerMinute: 2 } });
  for (let n = 0; n < 2; n += 1) {
    const id = enrolmentId(await register(world, await newAgent()));
    await asPersonServer(world, 'POST', `registrations/${id}/deny`);
  }
  expect((await register(world, await newAgent())).status).toBe(429);
  world.clock.advance(61);
  expect((await register(world, await newAgent())).status).toBe(202);
});

test('an agent that is enrolled gets its token while strangers are turned away', async () => {
  const world = await createWorld({ enrolmentLimits: { maxPending: 1, maxPerMinute: 100 } });
  const agent = await enrolledAgent(world);
  await register(world, await newAgent());
  expect((await register(world, await newAgent())).status).toBe(429);
  world.clock.advance(1);
  expect((await register(world, agent)).status).toBe(200);
});

test('expired enrolments make room, and are deleted after a day', async () => {
  const world = await createWorld({ enrolmentLimits: { maxPending: 1, maxPerMinute: 100 } });
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  world.clock.advance(3601);
  expect((await register(world, await newAgent())).status).toBe(202);
  world.clock.advance(86_401);
  await world.replica.provider().maintain();
  const gone = await asPersonServer(world, 'POST', `registrations/${id}/deny`);
  expect(gone.status).toBe(404);
});
