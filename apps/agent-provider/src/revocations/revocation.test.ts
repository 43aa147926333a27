import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { expect, onTestFinished, test } from 'vitest';
import { namesOf, refreshed, resourceOf, retry, statesOf, timesTaken } from '../../test/revocation.ts';
import { type EnrolledAgent, enrolledAgent, revoke, shareWorld } from '../../test/world.ts';

const sharedWorld = shareWorld({ resources: 2 });
const waitLong = { interval: 20 };

test('revoking an agent makes its very next call fail, and that of no other agent', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
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
  const [first, second] = [resourceOf(world), resourceOf(world, 1)];
  const agent = await enrolledAgent(world);
  const old = namesOf(agent.token);
  world.clock.advance(3600);
  const tokens: Awaited<ReturnType<typeof refreshed>>[] = [];
  for (let n = 0; n < 22; n += 1) tokens.push(await refreshed(world, agent));
  await revoke(world, agent.agentId);

  // The endpoints are the library's own: what they took, they have verified.
  for (const { revoked } of [world.personServer.revocations, first.endpoint, second.endpoint]) {
    expect(revoked).toEqual(expect.arrayContaining(tokens));
    expect(revoked.map(({ jti }) => jti)).not.toContain(old.jti);
  }
  const delivered = { state: 'delivered', error: null };
  expect(await statesOf(world, agent)).toEqual({
    [world.personServer.identifier]: delivered,
    [first.identifier]: delivered,
    [second.identifier]: delivered,
  });
  const lines = world.log.lines().filter(({ msg }) => String(msg).startsWith('revoked a token of'));
  expect(lines.filter(({ agent: id }) => id === agent.agentId)).toHaveLength(tokens.length * 3);
});

test('revoking again tells nobody again', async () => {
  const world = sharedWorld();
  const { endpoint } = resourceOf(world);
  const agent = await enrolledAgent(world);
  await revoke(world, agent.agentId);
  expect((await revoke(world, agent.agentId)).status).toBe(200);
  await retry(world, 60);
  expect(timesTaken(endpoint, agent.token)).toBe(1);
});

test('a Person Server without an endpoint is left at what the events tell it', async () => {
  const world = sharedWorld();
  const agent = await enrolledAgent(world);
  world.personServer.hasRevocationEndpoint = false;
  onTestFinished(() => {
    world.personServer.hasRevocationEndpoint = true;
  });
  world.clock.advance(601);
  expect((await revoke(world, agent.agentId)).status).toBe(200);
  expect(await statesOf(world, agent)).toMatchObject({ [world.personServer.identifier]: { state: 'unsupported' } });
  await expect
    .poll(() => world.personServer.events, waitLong)
    .toContainEqual({ event: 'agent.revoked', id: agent.agentId });
});
