import { expect, onTestFinished, test } from 'vitest';
import { answering, resourceOf, retry, statesOf, timesTaken } from '../../test/revocation.ts';
import { enrolledAgent, revoke, shareWorld } from '../../test/world.ts';

const sharedWorld = shareWorld({ resources: 2 });
/** Seconds after which metadata without a caching header is fetched again, and a little. */
const metadataLifetime = 601;

test('a recipient that does not take revocations from this provider is not asked again', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const agent = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ error: 'unsupported_iss', detail: 'Who are you?' }, 403));
  const before = resource.endpoint.requests;
  await revoke(world, agent.agentId);
  const refused = { state: 'refused', error: '403 unsupported_iss (Who are you?)' };
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: refused });
  await retry(world, 600);
  expect(resource.endpoint.requests - before).toBe(1);
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'warn', agent: agent.agentId, recipient: resource.identifier, state: 'refused' }),
  );
});

test('Retry-After is honoured', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const agent = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ error: 'rate_limited' }, 429, { 'retry-after': '120' }));
  await revoke(world, agent.agentId);
  resource.endpoint.answer = undefined;
  await retry(world, 119);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(0);
  await retry(world, 1);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(1);
});

test('a 202 is polled, signed, until the recipient has finished', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const agent = await enrolledAgent(world);
  const pending = { location: '/revoke?pending=1', 'retry-after': '10' };
  answering(resource.endpoint, (c) => c.json({ status: 'pending' }, 202, pending));
  const polls: string[] = [];
  resource.poll = (c) => {
    polls.push(`${c.req.method} ${c.req.header('signature-key')}`);
    return polls.length === 1 ? c.json({ status: 'pending' }, 202) : c.body(null, 200);
  };
  await revoke(world, agent.agentId);
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: { state: 'pending', error: null } });
  await retry(world, 9);
  expect(polls).toHaveLength(0);
  await retry(world, 1);
  expect(polls).toEqual([expect.stringMatching(`^GET sig=jwks_uri;id="${world.issuer}";dwk="aauth-agent.json"`)]);
  await retry(world, 5);
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: { state: 'delivered', error: null } });
});

test('a pending revocation that ends without a result starts again', async () => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const agent = await enrolledAgent(world);
  answering(resource.endpoint, (c) => c.json({ status: 'pending' }, 202, { location: '/revoke?pending=2' }));
  resource.poll = (c) => c.json({ error: 'gone' }, 410);
  await revoke(world, agent.agentId);
  resource.endpoint.answer = undefined;
  await retry(world, 5);
  expect(await statesOf(world, agent)).toMatchObject({
    [resource.identifier]: { state: 'waiting', error: '410 gone' },
  });
  await retry(world, 60);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(1);
});

test('what a recipient could not pass on is shown', async () => {
  const world = sharedWorld();
  const agent = await enrolledAgent(world);
  const downstream = [
    { recipient: 'https://as.example', error: 'revocation_unavailable' },
    { recipient: 'https://ok.example' },
  ];
  answering(world.personServer.revocations, (c) => c.json({ downstream }));
  await revoke(world, agent.agentId);
  expect(await statesOf(world, agent)).toMatchObject({
    [world.personServer.identifier]: {
      state: 'delivered',
      error: 'not passed on to https://as.example: revocation_unavailable',
    },
  });
});

test('an endpoint may be on another host than its owner', async () => {
  const world = sharedWorld();
  const [resource, host] = [resourceOf(world), resourceOf(world, 1)];
  resource.metadata = { revocation_endpoint: `${host.identifier}/revoke` };
  onTestFinished(() => {
    resource.metadata = {};
  });
  world.clock.advance(metadataLifetime);
  const agent = await enrolledAgent(world);
  await revoke(world, agent.agentId);
  expect(await statesOf(world, agent)).toMatchObject({ [resource.identifier]: { state: 'delivered' } });
  expect(timesTaken(resource.endpoint, agent.token)).toBe(0);
  // Once for each of the two.
  expect(timesTaken(host.endpoint, agent.token)).toBe(2);
  world.clock.advance(metadataLifetime);
});

test.each([
  ['none', () => undefined],
  ['an address', () => 'https://10.0.0.1/revoke'],
  ['one with a query', (identifier: string) => `${identifier}/revoke?x=1`],
  ['no URL', () => 7],
])('a recipient whose metadata names %s as revocation_endpoint is told when it names one', async (_, value) => {
  const world = sharedWorld();
  const resource = resourceOf(world);
  const { requests } = resource.endpoint;
  resource.metadata = { revocation_endpoint: value(resource.identifier) };
  world.clock.advance(metadataLifetime);
  const agent = await enrolledAgent(world);
  await revoke(world, agent.agentId);
  expect(await statesOf(world, agent)).toMatchObject({
    [resource.identifier]: { state: 'unsupported', error: expect.stringContaining('aauth-resource.json') },
  });
  expect(resource.endpoint.requests).toBe(requests);
  resource.metadata = {};
  await retry(world, metadataLifetime);
  expect(timesTaken(resource.endpoint, agent.token)).toBe(1);
});
