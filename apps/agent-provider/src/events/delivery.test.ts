import { expect, onTestFinished, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import { lookInto } from '../../test/database.ts';
import {
  asPersonServer,
  createWorld,
  enrolledAgent,
  enrolmentId,
  register,
  shareWorld,
  type World,
} from '../../test/world.ts';
import { outbox } from '../db/schema.ts';

const sharedWorld = shareWorld();
const waitLong = { interval: 20 };

/** The Person Server takes no events until it is told to, or the test ends. */
function refusingEvents({ personServer }: World): void {
  personServer.isTakingEvents = false;
  onTestFinished(() => {
    personServer.isTakingEvents = true;
  });
}

function eventsOf(world: World, id: string): string[] {
  return world.personServer.events.filter((event) => event.id === id).map((event) => event.event);
}

test('the Person Server hears of every change, signed by this provider', async () => {
  const world = await createWorld();
  const { agentId } = await enrolledAgent(world);
  const denied = enrolmentId(await register(world, await newAgent()));
  await asPersonServer(world, 'POST', `registrations/${denied}/deny`);
  const expired = enrolmentId(await register(world, await newAgent()));
  await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agentId)}/revoke`);
  world.clock.advance(3601);
  await world.replica.provider().maintain();

  // The test's Person Server counts only what it has verified.
  await expect.poll(() => eventsOf(world, denied), waitLong).toEqual(['registration.created', 'registration.denied']);
  await expect.poll(() => eventsOf(world, expired), waitLong).toEqual(['registration.created', 'registration.expired']);
  await expect.poll(() => eventsOf(world, agentId), waitLong).toEqual(['agent.revoked']);
  const approved = world.personServer.events.filter(({ event }) => event === 'registration.approved');
  expect(approved).toHaveLength(1);
});

test('events wait while the Person Server is away, survive a restart and arrive in order', async () => {
  const world = sharedWorld();
  const db = await lookInto(world.databaseUrl);
  refusingEvents(world);
  const id = enrolmentId(await register(world, await newAgent()));
  const [created] = await db.select().from(outbox);
  const attempts = async () => {
    world.clock.advance(60);
    await world.replica.provider().deliverEvents();
    return (await db.select().from(outbox)).find((row) => row.id === created?.id)?.attempts;
  };
  // By now it is tried once in eight seconds, and the next event would be at once.
  await expect.poll(attempts, waitLong).toBeGreaterThanOrEqual(4);
  await asPersonServer(world, 'POST', `registrations/${id}/deny`);
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: expect.stringContaining('the Person Server has not taken') }),
  );

  await world.replica.restart();
  world.personServer.isTakingEvents = true;
  expect(eventsOf(world, id)).toEqual([]);
  const delivered = async () => {
    world.clock.advance(1);
    await world.replica.provider().deliverEvents();
    return eventsOf(world, id);
  };
  await expect.poll(delivered, waitLong).toEqual(['registration.created', 'registration.denied']);
  await expect.poll(() => db.select().from(outbox), waitLong).toEqual([]);
});

test('two replicas deliver each event once', async () => {
  const world = await createWorld();
  await world.addReplica();
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push(enrolmentId(await register(world, await newAgent())));
  const created = () => world.personServer.events.map(({ id }) => id).sort();
  await expect.poll(created, waitLong).toEqual(ids.sort());
});

test('what the Person Server has not taken for a day is given up, and the log says so', async () => {
  const world = sharedWorld();
  refusingEvents(world);
  await register(world, await newAgent());
  world.clock.advance(86_401);
  await world.replica.provider().maintain();
  expect(world.log.lines()).toContainEqual(expect.objectContaining({ level: 'warn', dropped: 1 }));
});

test('an event survives a rotation of the key that was to sign it', async () => {
  const world = sharedWorld();
  refusingEvents(world);
  const id = enrolmentId(await register(world, await newAgent()));
  const headers = { authorization: `Bearer ${world.config.operatorToken}` };
  await fetch(`${world.replica.server.url}/operator/keys/rotate`, { method: 'POST', headers });
  world.personServer.isTakingEvents = true;
  const delivered = async () => {
    world.clock.advance(1);
    await world.replica.provider().deliverEvents();
    return eventsOf(world, id);
  };
  await expect.poll(delivered, waitLong).toEqual(['registration.created']);
});
