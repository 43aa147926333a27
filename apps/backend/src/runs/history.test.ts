import { A2ACallError } from '@aauth-stack/a2a/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, type Send, startBackend } from '../../test/backend.ts';
import { request, startRun, untilStatus } from '../../test/requests.ts';
import { rejectedBy } from '../../test/runs.ts';

type Backend = Awaited<ReturnType<typeof startBackend>>;

let backend: Backend;
let send: Send;
const get = (path: string) => request(backend.url, path);

beforeEach(async () => {
  send = answer;
  backend = await startBackend({ send: (...call) => send(...call) });
});
afterEach(() => backend.close());

async function completed(prompt: string): Promise<string> {
  const id = await startRun(backend.url, prompt);
  await untilStatus(backend.url, id, 'completed');
  return id;
}

async function failed(prompt: string): Promise<string> {
  send = async () => {
    throw new A2ACallError('denied', 'The person does not want that.');
  };
  const id = await startRun(backend.url, prompt);
  await untilStatus(backend.url, id, 'failed');
  send = answer;
  return id;
}

/** Waits for the person, for ever. */
const hang: Send = (_text, { signal }) => rejectedBy(signal);

describe('the history of runs', () => {
  it('has what was asked, what came of it, and the agents’ whole reports', async () => {
    const id = await completed('Count the laptops');
    const { body } = await get(`/optimization/runs/${id}`);
    expect(body.progress).toMatchObject({
      request_id: id,
      status: 'completed',
      prompt: 'Count the laptops',
      message: 'Count the laptops.',
      error: null,
      error_code: null,
      retry_of: null,
      created_at: expect.stringMatching(/Z$/),
      completed_at: expect.stringMatching(/Z$/),
    });
    expect(body.results).toMatchObject({
      summary: { total_cost: 25_000 },
      reasoning: expect.arrayContaining([expect.objectContaining({ agent: 'market-analysis-agent' })]),
      reports: [
        {
          agent: 'supply-chain-agent',
          title: 'Supply Chain Optimization Analysis',
          markdown: '# Supply Chain Optimization Analysis\n\nAll of it.',
        },
        {
          agent: 'market-analysis-agent',
          title: 'Inventory Demand Analysis',
          markdown: '## Inventory Demand Analysis\n\nThe rest.',
        },
      ],
    });
    expect((await get(`/optimization/results/${id}`)).body).toEqual(body.results);
  });

  it('comes in pages, newest first, each run once, also while new ones begin', async () => {
    const ids: string[] = [];
    for (const prompt of ['one', 'two', 'three', 'four', 'five']) ids.unshift(await completed(prompt));
    const seen: unknown[] = [];
    let path = '/optimization/runs?limit=2';
    for (;;) {
      const { body } = await get(path);
      seen.push(...body.runs.map((run: { request_id: string }) => run.request_id));
      if (body.next === null) break;
      await completed('another');
      path = `/optimization/runs?limit=2&before=${body.next}`;
    }
    expect(seen).toEqual(ids);
  });

  it('can be asked for the failed ones, and takes nonsense for nothing', async () => {
    await completed('good');
    const bad = await failed('bad');
    const { body } = await get('/optimization/runs?status=failed&limit=no&before=x');
    expect(body).toEqual({ runs: [expect.objectContaining({ request_id: bad, error_code: 'denied' })], next: null });
    expect((await get('/optimization/runs?status=maybe')).body.runs).toHaveLength(2);
  });

  it('W13: survives a restart', async () => {
    const id = await completed('Count the laptops');
    const before = (await get('/optimization/runs')).body;
    const again = await startBackend({ databaseUrl: backend.databaseUrl });
    expect((await request(again.url, '/optimization/runs')).body).toEqual(before);
    expect((await request(again.url, `/optimization/results/${id}`)).body.reports).toHaveLength(2);
    await again.stop();
  });

  it('forgets what ended when told to, and nothing that is under way', async () => {
    const id = await completed('one');
    send = hang;
    const active = await startRun(backend.url, 'two');
    const forget = (run: string) => request(backend.url, `/optimization/runs/${run}`, { method: 'DELETE' });
    expect(await forget(active)).toMatchObject({ status: 409, body: { error: 'not_ended' } });
    expect((await forget(id)).status).toBe(204);
    expect((await forget(id)).status).toBe(404);
    expect((await get(`/optimization/runs/${id}`)).status).toBe(404);
    expect((await get('/optimization/runs')).body.runs).toHaveLength(1);
  });
});

describe('a run that failed', () => {
  it('W9: can be started again with the same words; the new one says which it repeats', async () => {
    const id = await failed('Count the laptops');
    const texts: string[] = [];
    send = (text, ...rest) => {
      texts.push(text);
      return answer(text, ...rest);
    };
    const { status, body } = await request(backend.url, `/optimization/retry/${id}`, { method: 'POST' });
    expect([status, body.status]).toEqual([200, 'started']);
    expect(await untilStatus(backend.url, body.request_id, 'completed')).toMatchObject({
      retry_of: id,
      prompt: 'Count the laptops',
    });
    expect(texts).toEqual(['Count the laptops.']);
    expect((await get(`/optimization/progress/${id}`)).body.status).toBe('failed');
  });

  it('is the only kind that can be', async () => {
    const id = await completed('one');
    const retry = (run: string) => request(backend.url, `/optimization/retry/${run}`, { method: 'POST' });
    expect(await retry(id)).toMatchObject({ status: 409, body: { error: 'not_failed' } });
    for (const unknown of [crypto.randomUUID(), 'x']) expect((await retry(unknown)).status).toBe(404);
  });
});

describe('a run under way', () => {
  const cancel = (run: string) => request(backend.url, `/optimization/cancel/${run}`, { method: 'POST' });

  it('can be cancelled once: the agents are let go, and it stays failed', async () => {
    const called = Promise.withResolvers<AbortSignal | undefined>();
    send = (text, options, work) => {
      called.resolve(options.signal);
      return hang(text, options, work);
    };
    const id = await startRun(backend.url, 'one');
    const signal = await called.promise;
    expect(await cancel(id)).toMatchObject({
      status: 200,
      body: { status: 'failed', error_code: 'cancelled', interaction_url: null },
    });
    expect(signal?.aborted).toBe(true);
    expect(await cancel(id)).toMatchObject({ status: 409, body: { error: 'already_ended' } });
    expect((await cancel(crypto.randomUUID())).status).toBe(404);
    expect((await get(`/optimization/progress/${id}`)).body.error).toBe('The run was cancelled.');
  });
});

describe('the feed', () => {
  it('is newest first and in pages; cleared, it is empty, and runs keep what they did', async () => {
    const id = await completed('one');
    const [newest, older] = (await get('/agents/activities')).body;
    expect(newest).toMatchObject({ request_id: id, status: 'completed' });
    expect(newest.id).toBeGreaterThan(older.id);
    expect((await get(`/agents/activities?limit=1&before=${newest.id}`)).body).toEqual([older]);
    await request(backend.url, '/agents/activities', { method: 'DELETE' });
    expect((await get('/agents/activities')).body).toEqual([]);
    expect((await get(`/optimization/progress/${id}`)).body.activities).toHaveLength(2);
    await completed('two');
    expect((await get('/agents/activities')).body).toHaveLength(2);
  });
});
