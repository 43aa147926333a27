import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { agents, people } from '../db/schema.ts';
import type { Binding } from './wire.ts';

let deployment: Deployment;
let personId: string;

beforeEach(async () => {
  deployment = await startDeployment();
  const [person] = await deployment.db.select().from(people);
  personId = person?.id ?? '';
});
afterEach(() => deployment.stop());

function binding(local: string, owner: string | null): Binding {
  return {
    agent_id: `aauth:${local}@${deployment.peer.issuer.replace('http://', '')}`,
    agent_name: local,
    created_at: new Date().toISOString(),
    last_seen_at: null,
    device_count: 1,
    stable_key_thumbprints: [],
    revoked: false,
    revoked_at: null,
    person_id: owner,
  };
}

const recorded = async () => (await deployment.db.select().from(agents)).map(({ agentId }) => agentId.split('@')[0]);

test('what happened at the Agent Provider while this server was away is found at the next start', async () => {
  deployment.peer.bindings.push(binding('missed', personId));
  await deployment.restart();
  await expect.poll(recorded).toEqual(['aauth:missed']);
});

test('an Agent Provider that is away at the start is waited for, longer and longer, with a line in the log', async () => {
  await deployment.peer.goAway();
  deployment.peer.bindings.push(binding('late', personId));
  await deployment.restart();
  const expected = [1, 2, 4, 8, 16, 32, 60, 60];
  for (const count of expected.keys()) {
    await expect.poll(() => deployment.clock.slept).toEqual(expected.slice(0, count + 1));
    if (count + 1 < expected.length) deployment.clock.wake();
  }
  const waiting = deployment.log.lines().filter(({ msg }) => String(msg).startsWith('Waiting for the list of agents.'));
  expect(waiting[0]).toMatchObject({ level: 'warn', agentProvider: deployment.peer.issuer, retryInSeconds: 1 });

  await deployment.peer.comeBack();
  deployment.clock.wake();
  await expect.poll(recorded).toEqual(['aauth:late']);
  const logged = () => deployment.log.lines().map(({ msg }) => msg);
  await expect.poll(logged).toContain('The Agent Provider answers again.');
});

test('one that the person found to be away is listed once it is back', async () => {
  await expect.poll(() => deployment.peer.requests).toContain('GET /person/bindings');
  await deployment.peer.goAway();
  expect((await deployment.asPerson('/person/bindings')).status).toBe(503);
  await expect.poll(() => deployment.clock.slept).toEqual([1]);
  deployment.peer.bindings.push(binding('meanwhile', personId));
  await deployment.peer.comeBack();
  deployment.clock.wake();
  await expect.poll(recorded).toEqual(['aauth:meanwhile']);
});

test('an agent of nobody, or of a person unknown here, is not recorded and stays invisible', async () => {
  deployment.peer.bindings.push(
    binding('nobody', null),
    binding('stranger', crypto.randomUUID()),
    binding('odd', 'user'),
  );
  await deployment.peer.post({ event: 'agent.changed', id: 'x' });
  deployment.peer.bindings.push(binding('own', personId));
  deployment.clock.advance(1);
  await deployment.peer.post({ event: 'agent.changed', id: 'y' });
  await expect.poll(recorded).toEqual(['aauth:own']);
  const listed = await (await deployment.asPerson('/person/bindings')).json();
  expect(listed).toEqual([expect.objectContaining({ agent_name: 'own' })]);
});

test('the first owner stays, whatever the Agent Provider says later', async () => {
  const other = { id: crypto.randomUUID(), role: 'somebody else', createdAt: new Date() };
  await deployment.db.insert(people).values(other);
  const moved = binding('moved', personId);
  deployment.peer.bindings.push(moved);
  await deployment.peer.post({ event: 'agent.changed', id: 'x' });
  await expect.poll(recorded).toEqual(['aauth:moved']);
  moved.person_id = other.id;
  deployment.clock.advance(1);
  await deployment.peer.post({ event: 'agent.changed', id: 'y' });
  const complaint = 'The Agent Provider names another owner than the first one.';
  await expect.poll(() => deployment.log.lines().map(({ msg }) => msg)).toContain(complaint);
  const [row] = await deployment.db.select().from(agents);
  expect(row?.personId).toBe(personId);
});
