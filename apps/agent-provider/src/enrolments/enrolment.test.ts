import { expect, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import {
  asPersonServer,
  enrolledAgent,
  enrolmentId,
  poll,
  refresh,
  register,
  shareWorld,
  type World,
} from '../../test/world.ts';

const sharedWorld = shareWorld();

async function approve(world: World, id: string): Promise<void> {
  const response = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  expect(response.status).toBe(200);
}

test('an unknown stable key waits for the person: 202 as a deferred response', async () => {
  const world = sharedWorld();
  const response = await register(world, await newAgent());
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toMatch(/^\/register\/pending\/[\w-]{22}$/);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const expiresAt = new Date((world.clock.now() + 3600) * 1000).toISOString();
  expect(await response.json()).toEqual({ status: 'pending', expires_at: expiresAt });
});

test('approved: the next poll gets an agent token, once, and then 410', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(202);

  const approval = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  expect(await approval.json()).toEqual({
    agent_id: expect.stringMatching(/^aauth:backend-app-[2-9a-z]{8}@agent-provider\.localhost:\d+$/),
    agent_name: 'Backend App',
  });

  world.clock.advance(2);
  const collected = await poll(world, agent, `/register/pending/${id}`);
  expect(collected.status).toBe(200);
  expect(collected.headers.get('cache-control')).toBe('no-store');
  expect(await collected.json()).toEqual({ agent_token: expect.any(String), expires_in: 3600 });

  world.clock.advance(2);
  const again = await poll(world, agent, `/register/pending/${id}`);
  expect(again.status).toBe(410);
  expect(await again.json()).toMatchObject({ error: 'gone' });
});

test('the agent is asked about once however often it asks, and keeps the name it gave first', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent, { agent_name: 'First' }));
  world.clock.advance(1);
  expect(enrolmentId(await register(world, agent, { agent_name: 'Second' }))).toBe(id);
  const listed = await (await asPersonServer(world, 'GET', 'registrations')).json();
  expect(listed).toContainEqual(expect.objectContaining({ id, agent_name: 'First' }));
});

test('two registrations of one key at the same moment, at two replicas, are one enrolment', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await newAgent();
  const requests = await Promise.all(
    [0, 1, 2, 3].map((n) =>
      world.sign(agent, { method: 'POST', path: '/register', body: { agent_name: `Agent ${n}` } }),
    ),
  );
  const responses = await Promise.all(
    requests.map((request, n) => world.send(request, n % 2 === 0 ? world.replica : other)),
  );
  expect(new Set(responses.map(enrolmentId)).size).toBe(1);
});

test('W13: every step survives a restart, and the same stable key stays the same agent', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  await world.replica.restart();
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(202);
  await approve(world, id);
  await world.replica.restart();
  world.clock.advance(2);
  const first = await poll(world, agent, `/register/pending/${id}`);
  await world.replica.restart();
  world.clock.advance(2);
  const again = await register(world, agent, { agent_name: 'Another name' });
  expect([first.status, again.status]).toEqual([200, 200]);

  const bindings = await (await asPersonServer(world, 'GET', 'bindings')).json();
  const ofAgent = JSON.stringify(bindings).split(agent.stableKey.thumbprint).length - 1;
  expect(ofAgent).toBe(1);
  expect(JSON.stringify(bindings)).not.toContain('Another name');
});

test('a second agent of the same name gets another identifier', async () => {
  const world = sharedWorld();
  const one = await enrolledAgent(world, 'Namesake');
  const two = await enrolledAgent(world, 'Namesake');
  expect(one.agentId).toMatch(/^aauth:namesake-/);
  expect(two.agentId).toMatch(/^aauth:namesake-/);
  expect(two.agentId).not.toBe(one.agentId);
});

test('somebody else finds nothing under the Location, and takes nothing from its owner', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  await approve(world, id);
  const stranger = await poll(world, await newAgent(), `/register/pending/${id}`);
  const unknown = await poll(world, agent, '/register/pending/AAAAAAAAAAAAAAAAAAAAAA');
  expect([stranger.status, unknown.status]).toEqual([404, 404]);
  expect(await stranger.json()).toEqual(await unknown.json());
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(200);
});

test('denied: 403 denied, then 410, and the key may ask again', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  expect((await asPersonServer(world, 'POST', `registrations/${id}/deny`)).status).toBe(200);
  const denied = await poll(world, agent, `/register/pending/${id}`);
  expect(denied.status).toBe(403);
  expect(await denied.json()).toMatchObject({ error: 'denied', detail: expect.stringContaining('person') });
  expect(denied.headers.get('signature-error')).toBeNull();
  world.clock.advance(2);
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(410);
  expect((await refresh(world, agent)).status).toBe(403);
  expect(enrolmentId(await register(world, agent))).not.toBe(id);
});

test('W19: undecided for too long is 408 expired, not denied, and no decision is possible any more', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  world.clock.advance(3599);
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(202);
  world.clock.advance(1);
  const late = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({ error: 'already_decided', registration_status: 'expired' });
  const expired = await poll(world, agent, `/register/pending/${id}`);
  expect(expired.status).toBe(408);
  expect(await expired.json()).toMatchObject({ error: 'expired' });
  world.clock.advance(2);
  expect((await poll(world, agent, `/register/pending/${id}`)).status).toBe(410);
});

test('revoked before it collected its token: 403 revoked', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  const approval = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  const { agent_id: agentId } = JSON.parse(await approval.text());
  await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agentId)}/revoke`);
  const revoked = await poll(world, agent, `/register/pending/${id}`);
  expect(revoked.status).toBe(403);
  expect(await revoked.json()).toMatchObject({ error: 'revoked' });
  const again = await register(world, agent);
  expect(again.status).toBe(403);
  expect(await again.json()).toMatchObject({ error: 'revoked', detail: expect.stringContaining(agentId) });
});

test('of two polls at two replicas one collects the token, the other is told 410', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  await approve(world, id);
  const requests = await Promise.all(
    [0, 1].map(() => world.sign(agent, { method: 'GET', path: `/register/pending/${id}` })),
  );
  const responses = await Promise.all(requests.map((request, n) => world.send(request, n ? other : world.replica)));
  expect(responses.map((response) => response.status).sort()).toEqual([200, 410]);
});
