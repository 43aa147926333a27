import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BrowserSession, jsonBody, signIn } from '../../test/browser-session.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type EventStream, openEvents } from '../../test/event-stream.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { recordActivity } from '../activity/record.ts';
import { people } from '../db/schema.ts';
import { tellPages } from './tell-pages.ts';
import { topics } from './topics.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;
let session: BrowserSession;
const streams: EventStream[] = [];

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  session = await signIn(deployment);
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  await Promise.all(streams.map(({ ended }) => ended));
  streams.length = 0;
});

async function open({ cookie } = session): Promise<EventStream> {
  const stream = await openEvents(deployment, { cookie });
  streams.push(stream);
  return stream;
}

/** Waits until what happened before has been told. Returns how many events that were. */
async function settled(stream: EventStream): Promise<number> {
  await stream.next('hello');
  await tellPages(deployment.db, ['consents']);
  await expect.poll(() => stream.topics()).toContain('consents');
  return stream.events.length;
}

const post = (path: string) => deployment.asPerson(path, { method: 'POST' });

describe('GET /ui/events', () => {
  test('begins with the server’s time, and is kept by no cache and no proxy', async () => {
    const stream = await open();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    const { data } = await stream.next('hello');
    expect(Math.abs(Date.parse(String(data.server_time)) / 1000 - deployment.clock.now())).toBeLessThan(30);
  });

  test('is the person’s alone', async () => {
    const response = await deployment.request('/ui/events');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: 'session_required' });
    const stream = await openEvents(deployment, { authorization: 'Bearer mytoken' });
    await stream.next('hello');
    stream.close();
    await stream.ended;
  });

  test('tells of what another replica does, what is issued and what is revoked', async () => {
    const stream = await open();
    await stream.next('hello');
    deployment.useReplica(1);
    const token = await personToken(deployment, agent, resource);
    const expected = expect.arrayContaining(['tokens', 'activity', 'bindings', 'resources']);
    await expect.poll(() => [...stream.topics()]).toEqual(expected);
    const told = stream.events.length;
    await post(`/person/issued-tokens/${jtiOf(token)}/revoke`);
    await expect.poll(() => stream.events.length).toBeGreaterThan(told);
  });

  test.each([
    [
      'settings',
      () =>
        deployment.asPerson(
          '/person/settings',
          jsonBody('PATCH', { consent_policy: 'standing', needs_person_scopes: [crypto.randomUUID()] }),
        ),
    ],
    ['sessions', () => signIn(deployment)],
    ['registrations', () => tellPages(deployment.db, ['registrations'])],
    ['bindings', async () => post(`/person/registrations/${(await deployment.peer.enrol('New Agent')).id}/approve`)],
    ['activity', async () => post(`/person/registrations/${(await deployment.peer.enrol('Bad Agent')).id}/deny`)],
    [
      'providers',
      () => deployment.asPerson('/person/trusted-agent-servers', jsonBody('POST', { issuer: resource.issuer })),
    ],
  ] as const)('tells of %s', async (topic, change) => {
    const stream = await open();
    await stream.next('hello');
    await change();
    await expect.poll(() => stream.topics()).toContain(topic);
  });

  test('tells of many changes at once together, and of nothing when nothing changed', async () => {
    const stream = await open();
    const before = await settled(stream);
    const [person] = await deployment.db.select().from(people);
    await deployment.db.transaction(async (tx) => {
      for (let entry = 0; entry < 100; entry += 1) {
        await recordActivity(tx, { kind: 'signed-in', personId: person?.id ?? '', at: deployment.clock.now() });
      }
      await tellPages(tx, ['server']);
    });
    await expect.poll(() => stream.topics()).toContain('server');
    expect(stream.events.slice(before)).toEqual([{ event: 'changed', data: { topics: ['activity', 'server'] } }]);
    await deployment.request('/.well-known/jwks.json');
    await session.get('/person/bindings');
    await tellPages(deployment.db, ['providers']);
    await expect.poll(() => stream.topics()).toContain('providers');
    expect(stream.events).toHaveLength(before + 2);
  });

  test('shows signs of life, and costs nothing in between', async () => {
    const stream = await open();
    const before = await settled(stream);
    await expect.poll(() => deployment.clock.slept.at(-1)).toBe(15);
    deployment.clock.wake();
    await expect.poll(() => stream.comments).toBe(1);
    expect(stream.events).toHaveLength(before);
  });
});

describe('a stream says that the session has ended, and ends,', () => {
  const expectEnded = async (stream: EventStream) => {
    await stream.next('session-ended');
    await stream.ended;
    expect(stream.events.at(-1)?.event).toBe('session-ended');
  };

  test('when the person signs out, at whichever replica', async () => {
    const [stream, other] = [await open(), await open(await signIn(deployment))];
    await Promise.all([stream.next('hello'), other.next('hello')]);
    deployment.useReplica(1);
    await session.change('DELETE', '/person/session');
    await expectEnded(stream);
    await expect.poll(() => other.topics()).toContain('sessions');
    expect(other.events.map(({ event }) => event)).not.toContain('session-ended');
  });

  test('when it is ended from elsewhere', async () => {
    const stream = await open();
    await stream.next('hello');
    const elsewhere = await signIn(deployment);
    await elsewhere.change('POST', '/person/sessions/end', { body: { scope: 'others' } });
    await expectEnded(stream);
  });

  test('when it has lasted its time', async () => {
    const stream = await open();
    await stream.next('hello');
    deployment.clock.advance(43_201);
    await deployment.replicas()[1]?.maintain();
    await expectEnded(stream);
    const again = await open();
    expect(again.status).toBe(401);
  });

  test('at the next sign of life, where nobody noticed before', async () => {
    const stream = await open();
    await stream.next('hello');
    await expect.poll(() => deployment.clock.slept.at(-1)).toBe(15);
    deployment.clock.advance(43_201);
    deployment.clock.wake();
    await expectEnded(stream);
  });
});

describe('streams', () => {
  test('are so many for one session; then a page has to ask, until another has gone', async () => {
    const streams = await Promise.all(Array.from({ length: 4 }, () => open()));
    await Promise.all(streams.map((stream) => stream.next('hello')));
    const refused = await deployment.request('/ui/events', { headers: { cookie: session.cookie } });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect((await open(await signIn(deployment))).status).toBe(200);
    streams[0]?.close();
    await expect.poll(async () => (await open()).status).toBe(200);
  });

  test('end when the server stops; afterwards a page is told again', async () => {
    const stream = await open();
    await stream.next('hello');
    await deployment.restart();
    await stream.ended;
    expect(stream.events.map(({ event }) => event)).not.toContain('session-ended');
    const again = await open();
    await again.next('hello');
    await tellPages(deployment.db, topics);
    await expect.poll(() => again.topics()).toEqual(new Set(topics));
  });
});

test('GET /ui/changes is a number that grows with every topic, and over a restart', async () => {
  const changes = async () => Number(Object(await (await session.get('/ui/changes')).json()).changes);
  let before = await changes();
  for (const topic of topics) {
    await tellPages(deployment.db, [topic]);
    await expect.poll(changes).toBeGreaterThan(before);
    before = await changes();
  }
  await deployment.restart();
  expect(await changes()).toBeGreaterThan(before);
  await session.change('DELETE', '/person/session');
  expect((await session.get('/ui/changes')).status).toBe(401);
});
