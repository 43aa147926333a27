import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answer, type Send, startBackend } from '../../test/backend.ts';
import { request, startRun } from '../../test/requests.ts';
import { rejectedBy } from '../../test/runs.ts';

type Backend = Awaited<ReturnType<typeof startBackend>>;

interface Told {
  id: number;
  status: string;
  revision: number;
  interaction_code: string | null;
}

let backend: Backend;
let held: PromiseWithResolvers<void>;
const send: Send = async (...call) => {
  const [, { signal }] = call;
  await Promise.race([held.promise, rejectedBy(signal)]);
  return answer(...call);
};

beforeEach(async () => {
  held = Promise.withResolvers();
  backend = await startBackend({ send });
});
afterEach(async () => {
  held.resolve();
  await backend.close();
});

/** Listens to a run until the stream ends. */
async function listen(id: string, lastEventId?: number) {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': `${lastEventId}` };
  const response = await fetch(`${backend.url}/optimization/progress/${id}/events`, { headers });
  const told: Told[] = [];
  const ended = (async () => {
    let rest = '';
    for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const [, eventId, data] = /^event: progress\nid: (\d+)\ndata: (.*)$/.exec(event) ?? [];
        if (data !== undefined) told.push({ ...JSON.parse(data), id: Number(eventId) });
      }
    }
  })();
  return { response, told, ended };
}

/** Waits until the agents have been asked: until they answer, nothing changes any more. */
async function untilAsked(id: string) {
  const read = async () => (await request(backend.url, `/optimization/progress/${id}`)).body;
  await expect.poll(read).toMatchObject({ status: 'running', progress_percentage: 25 });
  return read();
}

it('tells how a run goes as it goes, from where it is to its end', async () => {
  const id = await startRun(backend.url, 'one');
  const { response, told, ended } = await listen(id);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  await untilAsked(id);
  await backend.store.wait(id, {
    status: 'interaction_required',
    step: 'Waiting',
    link: { url: 'http://ps.localhost/?code=A', code: 'A' },
  });
  await expect.poll(() => told.at(-1)?.interaction_code).toBe('A');
  held.resolve();
  await ended;
  expect(told.at(-1)).toMatchObject({ status: 'completed', interaction_code: null });
  const revisions = told.map(({ revision }) => revision);
  expect(revisions).toEqual(told.map(({ id: eventId }) => eventId));
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
});

it('goes on after what was heard last, and has nothing more to say of a run whose end was heard', async () => {
  const id = await startRun(backend.url, 'one');
  const { revision } = await untilAsked(id);
  const { told, ended } = await listen(id, revision);
  await sleep(50);
  expect(told).toEqual([]);
  held.resolve();
  await ended;
  const last = told.at(-1);
  expect(last?.status).toBe('completed');
  expect(told.every((event) => event.revision > revision)).toBe(true);

  const missedAll = await listen(id, revision);
  await missedAll.ended;
  expect(missedAll.told).toHaveLength(1);
  const again = await listen(id, last?.revision);
  expect(again.response.status).toBe(204);
  const query = await fetch(`${backend.url}/optimization/progress/${id}/events?last_event_id=${last?.revision}`);
  expect(query.status).toBe(204);
});

it('hears of what another process does', async () => {
  const id = await startRun(backend.url, 'one');
  const { told, ended } = await listen(id);
  const other = await startBackend({ databaseUrl: backend.databaseUrl });
  await other.store.fail(id, { code: 'denied', reason: 'No.' });
  await ended;
  expect(told.at(-1)).toMatchObject({ status: 'failed' });
  await other.stop();
});

it('ends when the backend stops, without waiting for the run', async () => {
  const id = await startRun(backend.url, 'one');
  const { told, ended } = await listen(id);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  await backend.stop();
  await ended;
  expect(told.at(-1)?.status).toBe('running');
});

it('is not there for an unknown run', async () => {
  for (const id of [crypto.randomUUID(), 'x']) {
    const { response } = await listen(id);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  }
});
