import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newAgent } from '../test/agent.ts';
import { asPersonServer, enrolledAgent, enrolmentId, poll, refresh, register, shareWorld } from '../test/world.ts';

const sharedWorld = shareWorld();

const odd = fc.constantFrom('\0', 'a\0b', '\ud800', '\u202e', "' OR 1=1 --", '%', '..', '{}', 'x'.repeat(5000));
const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }), fc.uuid());
const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
const segment = text.map((one) => encodeURIComponent(one.toWellFormed()));

test('whatever an agent enrols with, it is an answer or a refusal', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const members = fc.record({ agent_name: value, ps: value, callback: value, extra: value }, { requiredKeys: [] });
  const named = members.map((said) => ({ ...said, agent_name: 'Named' }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(members, named, fc.dictionary(text, value)), segment, async (body, id) => {
      world.clock.advance(60);
      const answer = await register(world, agent, body);
      expect(answer.status, JSON.stringify(body)).toBeLessThan(500);
      expect((await poll(world, agent, `/register/pending/${id}`)).status, id).toBeLessThan(500);
    }),
  );
  world.clock.advance(60);
  expect((await register(world, await newAgent(), { agent_name: 'Served' })).status).toBe(202);
});

test('whatever the Person Server decides about, it is an answer or a refusal', async () => {
  const world = sharedWorld();
  const agent = await enrolledAgent(world, 'Kept');
  const waiting = enrolmentId(await register(world, await newAgent(), { agent_name: 'Waiting' }));
  const path = fc.oneof(
    segment.map((id) => `registrations/${id}/approve`),
    segment.map((id) => `registrations/${id}/deny`),
    segment.map((id) => `bindings/${id}/revoke`),
    fc.constant(`registrations/${waiting}/approve`),
  );
  const body = fc.record({ person_id: value, extra: value }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(path, body, async (where, said) => {
      world.clock.advance(1);
      expect(
        (await asPersonServer(world, 'POST', where, said)).status,
        `${where} ${JSON.stringify(said)}`,
      ).toBeLessThan(500);
    }),
  );
  world.clock.advance(1);
  expect((await refresh(world, agent)).status).toBe(200);
});
