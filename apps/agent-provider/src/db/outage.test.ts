import { type DatabaseRelay, startDatabaseRelay } from '@aauth-stack/service/testing';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { newAgent } from '../../test/agent.ts';
import { lookInto } from '../../test/database.ts';
import { asPersonServer, createWorld, enrolledAgent, enrolmentId, poll, refresh, register } from '../../test/world.ts';

const waitLong = { interval: 50 };

async function worldWithRelay() {
  const relays: DatabaseRelay[] = [];
  const world = await createWorld({
    async reachDatabase(url) {
      const relay = await startDatabaseRelay(url);
      relays.push(relay);
      return relay.url;
    },
  });
  const [relay] = relays;
  if (!relay) throw new Error('the world has no relay');
  onTestFinished(() => relay.close());
  return { world, relay };
}

test('while the database is away every endpoint says so with 503 and Retry-After, and afterwards all is as before', async () => {
  const { world, relay } = await worldWithRelay();
  const agent = await enrolledAgent(world);
  const waiting = await newAgent();
  const id = enrolmentId(await register(world, waiting));
  const path = `/register/pending/${id}`;
  const requests = {
    register: () => register(world, waiting),
    poll: () => poll(world, waiting, path),
    refresh: () => refresh(world, agent),
    bindings: () => asPersonServer(world, 'GET', 'bindings'),
    approve: () => asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' }),
    jwks: () => fetch(`${world.replica.server.url}/.well-known/jwks.json`),
  };
  const ask = async (name: keyof typeof requests) => {
    world.clock.advance(2);
    return requests[name]();
  };
  const held = world.send(await world.sign(waiting, { method: 'GET', path, headers: { prefer: 'wait=20' } }));
  await expect.poll(() => JSON.stringify(world.log.lines()), waitLong).toContain('is held');

  await relay.cut();
  for (const name of ['register', 'poll', 'refresh', 'bindings', 'approve', 'jwks'] as const) {
    const response = await ask(name);
    expect([name, response.status]).toEqual([name, 503]);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(response.headers.get('signature-error')).toBeNull();
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable', status: 503 });
  }
  const health = await fetch(`${world.replica.server.url}/healthz`);
  expect(health.status).toBe(503);
  expect(world.log.lines()).toContainEqual(
    expect.objectContaining({ level: 'error', msg: 'POST /refresh failed', err: expect.anything() }),
  );
  await expect(world.replica.provider().maintain()).rejects.toThrow();

  await relay.restore();
  for (const name of ['refresh', 'approve'] as const) {
    // A connection of the pool may still have to learn that it is over.
    await expect.poll(async () => (await ask(name)).status, waitLong).toBe(200);
  }
  // What was held goes on, or is to be asked again when it looked before the pool was back.
  expect([200, 503]).toContain((await held).status);

  // The connection that listens for decisions is back as well.
  const later = await newAgent();
  const laterId = enrolmentId(await register(world, later));
  const laterPath = `/register/pending/${laterId}`;
  const told = world.send(await world.sign(later, { method: 'GET', path: laterPath, headers: { prefer: 'wait=20' } }));
  const isHeld = (line: object) => JSON.stringify(line).includes('is held') && JSON.stringify(line).includes(laterId);
  await expect.poll(() => world.log.lines().some(isHeld), waitLong).toBe(true);
  const approved = await asPersonServer(world, 'POST', `registrations/${laterId}/approve`, { person_id: 'person-1' });
  expect(approved.status).toBe(200);
  expect((await told).status).toBe(200);
});

test('connections that the database has ended are replaced', async () => {
  const world = await createWorld();
  const agent = await enrolledAgent(world);
  // Else one of them may be on its way, which is another case: it is sent again.
  await expect.poll(() => world.personServer.events, waitLong).toHaveLength(2);
  const db = await lookInto(world.databaseUrl);
  await db.execute(
    sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'agent-provider%'`,
  );
  await expect.poll(async () => (await fetch(`${world.replica.server.url}/healthz`)).status, waitLong).toBe(200);
  const refreshed = async () => {
    world.clock.advance(1);
    return (await refresh(world, agent)).status;
  };
  await expect.poll(refreshed, waitLong).toBe(200);
  await expect.poll(() => JSON.stringify(world.log.lines()), waitLong).toContain('listening for notifications again');
});
