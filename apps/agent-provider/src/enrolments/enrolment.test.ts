import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { expect, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import { asPersonServer, createWorld, enrolledAgent, enrolmentId, poll, refresh, register } from '../../test/world.ts';

test('an unknown stable key waits for the person: 202 as a deferred response', async () => {
  const world = await createWorld();
  const response = await register(world, await newAgent());
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toMatch(/^\/register\/pending\/[\w-]{22}$/);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const expiresAt = new Date((world.clock.now() + 3600) * 1000).toISOString();
  expect(await response.json()).toEqual({ status: 'pending', expires_at: expiresAt });
});

test('approved: the next poll gets an agent token for the key that signed it, once, and then 410', async () => {
  const world = await createWorld();
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
  const body = await collected.json();
  expect(body).toEqual({ agent_token: expect.any(String), expires_in: 3600 });

  world.clock.advance(2);
  const again = await poll(world, agent, `/register/pending/${id}`);
  expect(again.status).toBe(410);
  expect(await again.json()).toMatchObject({ error: 'gone' });
});
