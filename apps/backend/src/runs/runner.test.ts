import type { Reply } from '@aauth-stack/a2a/client';
import { type Database, openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as schema from '../db/schema.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createRunner, type Runner } from './runner.ts';
import { startRequestSchema } from './start-request.ts';
import { sixMonthReport } from './testing/report.ts';

type Send = (
  text: string,
  options?: { signal?: AbortSignal; onStatus?: (update: { text: string }) => void },
) => Promise<Reply>;

const enrolled = { state: 'enrolled', detail: 'enrolled' } as const;
const captured = captureLog();
let testDatabase: TestDatabase;
let database: Database<typeof schema>;
let store: RunStore;
let runners: Runner[] = [];

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  const migrationsFolder = new URL('../db/migrations', import.meta.url).pathname;
  database = await openDatabase({
    url: testDatabase.url,
    schema,
    migrationsFolder,
    applicationName: 'test',
    log: captured.log,
  });
  store = createRunStore(database.db, () => new Date());
});

afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.close()));
  runners = [];
  await database.close();
  await testDatabase.drop();
});

function runnerWith(
  send: Send,
  session: Partial<Parameters<typeof createRunner>[0]['session']> = {},
  timeouts = {},
): Runner {
  const runner = createRunner({
    store,
    session: { ready: Promise.resolve(), status: () => enrolled, ...session },
    client: { send },
    log: captured.log,
    now: () => new Date(),
    agentTimeoutMs: 60_000,
    enrolmentTimeoutMs: 60_000,
    ...timeouts,
  });
  runners.push(runner);
  return runner;
}

async function newRun() {
  const run = { requestId: crypto.randomUUID(), message: 'perform market analysis.' };
  await store.create({ ...run, request: startRequestSchema.parse({}), traceParent: null });
  return run;
}

async function ended(requestId: string) {
  for (;;) {
    const progress = await store.progress(requestId);
    if (progress && ['completed', 'failed'].includes(progress.status)) return progress;
  }
}

describe('a run', () => {
  it('moves on as the agents report, and completes with results from their report', async () => {
    const steps: Array<number | undefined> = [];
    const run = await newRun();
    runnerWith(async (text, options) => {
      expect(text).toBe(run.message);
      steps.push((await store.progress(run.requestId))?.progress_percentage);
      options?.onStatus?.({ text: 'Asking the market-analysis agent' });
      return { text: '# Supply Chain Optimization Analysis', data: sixMonthReport };
    }).start(run);
    const progress = await ended(run.requestId);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100, error: null });
    expect(steps).toEqual([25]);
    expect(progress.activities.map(({ status }) => status)).toEqual(['running', 'completed']);
    expect((await store.results(run.requestId))?.summary.total_cost).toBe(25_000);
  });

  it('W2, W9: fails with the real reason when the agent cannot be asked', async () => {
    const run = await newRun();
    runnerWith(async () => {
      throw new Error('The supply-chain agent answered 403 denied: the policy does not allow it.');
    }).start(run);
    const progress = await ended(run.requestId);
    expect(progress).toMatchObject({
      status: 'failed',
      error: 'The supply-chain agent answered 403 denied: the policy does not allow it.',
      current_step: 'Error: The supply-chain agent answered 403 denied: the policy does not allow it.',
    });
    expect(await store.results(run.requestId)).toBeUndefined();
  });

  it('W2: fails when the answer carries no report, whatever its text says', async () => {
    const run = await newRun();
    runnerWith(async () => ({ text: 'Supply Chain Optimization Analysis', data: undefined })).start(run);
    expect((await ended(run.requestId)).error).toContain('no usable report');
  });

  it('says what it waits for while the agent is not approved, and goes on afterwards', async () => {
    const approval = Promise.withResolvers<void>();
    const run = await newRun();
    runnerWith(async () => ({ text: 'done', data: sixMonthReport }), {
      ready: approval.promise,
      status: () => ({ state: 'pending', detail: 'Waiting for the person to approve Backend App.' }),
    }).start(run);
    while ((await store.progress(run.requestId))?.progress_percentage !== 5);
    expect((await store.progress(run.requestId))?.current_step).toBe('Waiting for the person to approve Backend App.');
    approval.resolve();
    expect((await ended(run.requestId)).status).toBe('completed');
  });

  it('fails, saying what it waited for, when nobody approves the agent in time', async () => {
    const run = await newRun();
    const session = {
      ready: Promise.withResolvers<void>().promise,
      status: () => ({ state: 'pending' as const, detail: 'Waiting for approval.' }),
    };
    runnerWith(async () => ({ text: '', data: sixMonthReport }), session, { enrolmentTimeoutMs: 1 }).start(run);
    expect((await ended(run.requestId)).error).toBe('The backend has no agent token yet: Waiting for approval.');
  });

  it('fails, saying who did not answer, when the agents take too long', async () => {
    const run = await newRun();
    runnerWith((_text, options) => rejectedBy(options?.signal), {}, { agentTimeoutMs: 1 }).start(run);
    expect((await ended(run.requestId)).error).toBe('The supply-chain agent did not answer within 0.001 s.');
  });

  it('W13: is taken up again by the next process when this one stops', async () => {
    const asked = Promise.withResolvers<void>();
    const run = await newRun();
    const first = runnerWith((_text, options) => {
      asked.resolve();
      return rejectedBy(options?.signal);
    });
    first.start(run);
    await asked.promise;
    await first.close();
    const [unfinished] = await store.unfinished();
    expect(unfinished).toMatchObject({ requestId: run.requestId, status: 'running', message: run.message });

    runnerWith(async () => ({ text: 'done', data: sixMonthReport })).start(run);
    expect((await ended(run.requestId)).status).toBe('completed');
  });

  it('does not change any more once it has ended', async () => {
    const run = await newRun();
    await store.fail(run.requestId, 'first');
    expect(await store.fail(run.requestId, 'second')).toBe(false);
    await store.step(run.requestId, 50, 'late');
    expect(await store.progress(run.requestId)).toMatchObject({
      status: 'failed',
      error: 'first',
      progress_percentage: 0,
    });
  });

  it('W12: survives clearing while it is under way', async () => {
    const [underWay, over] = [await newRun(), await newRun()];
    await store.fail(over.requestId, 'over');
    expect(await store.clearEnded()).toBe(1);
    expect(await store.progress(over.requestId)).toBeUndefined();
    expect(await store.progress(underWay.requestId)).toMatchObject({ status: 'running' });
  });
});

function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal?.addEventListener('abort', () => reject(signal.reason));
  return promise;
}
