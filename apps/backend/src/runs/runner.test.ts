import { A2ACallError } from '@aauth-stack/a2a/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { personServerUrl, rejectedBy, startRuns } from '../../test/runs.ts';
import { sixMonthReport } from './testing/report.ts';

let runs: Awaited<ReturnType<typeof startRuns>>;

beforeEach(async () => {
  runs = await startRuns();
});
afterEach(() => runs.close());

describe('a run', () => {
  it('moves on as the agents report, and completes with results from their report', async () => {
    const steps: Array<number | undefined> = [];
    const run = await runs.newRun();
    runs
      .runnerWith(async (text, options) => {
        expect(text).toBe(run.message);
        steps.push((await runs.own.progress(run.requestId))?.progress_percentage);
        options?.onStatus?.({ text: 'Asking the market-analysis agent' });
        return { text: '# Supply Chain Optimization Analysis', data: sixMonthReport };
      })
      .start(run);
    const progress = await runs.ended(run.requestId);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100, error: null });
    expect(steps).toEqual([25]);
    expect(progress.activities.map(({ status }) => status)).toEqual(['running', 'completed']);
    expect((await runs.own.results(run.requestId))?.summary.total_cost).toBe(25_000);
  });

  it('ends, whatever characters the agent answers with', async () => {
    const odd = 'a\0b\ud800c';
    const completed = await runs.newRun();
    runs
      .runnerWith(async (_text, options) => {
        options?.onStatus?.({ text: odd });
        const [row] = sixMonthReport.purchase_plan;
        return { text: odd, data: { ...sixMonthReport, purchase_plan: [{ ...row, item: odd }] } };
      })
      .start(completed);
    const progress = await runs.ended(completed.requestId);
    expect(progress).toMatchObject({ status: 'completed', error: null });
    expect(progress.activities.at(-1)?.details).toBe('a\ufffdb\ufffdc');
    expect((await runs.own.results(completed.requestId))?.recommendations[0]?.item).toBe('a\ufffdb\ufffdc');
    const failed = await runs.newRun();
    runs
      .runnerWith(async () => {
        throw new A2ACallError(odd, odd);
      })
      .start(failed);
    expect(await runs.ended(failed.requestId)).toMatchObject({ status: 'failed', error_code: 'a\ufffdb\ufffdc' });
  });

  it('W2, W9: fails with the real reason when the agent cannot be asked', async () => {
    const run = await runs.newRun();
    runs
      .runnerWith(async () => {
        throw new Error('The supply-chain agent answered 403 denied: the policy does not allow it.');
      })
      .start(run);
    const progress = await runs.ended(run.requestId);
    expect(progress).toMatchObject({
      status: 'failed',
      error: 'The supply-chain agent answered 403 denied: the policy does not allow it.',
      current_step: 'Error: The supply-chain agent answered 403 denied: the policy does not allow it.',
    });
    expect(await runs.own.results(run.requestId)).toBeUndefined();
  });

  it.each([
    [new A2ACallError('denied', 'The person said no.'), 'denied'],
    [new A2ACallError('denied', 'The policy does not admit this.', { status: 403 }), 'policy_denied'],
    [new A2ACallError('expired', 'Nobody came.'), 'expired'],
    [new TypeError('something else'), 'failed'],
  ])('W9: has a code for why it failed: %s', async (error, code) => {
    const run = await runs.newRun();
    runs
      .runnerWith(async () => {
        throw error;
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({ error: error.message, error_code: code });
  });

  it('asks nobody any more when it was cancelled before', async () => {
    const run = await runs.newRun();
    let isAsked = false;
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const runner = runs.runnerWith(
      async () => {
        isAsked = true;
        return { text: '', data: sixMonthReport };
      },
      { ready, status: () => ({ state: 'pending', detail: 'Nobody has decided yet.' }) },
    );
    runner.start(run);
    expect(await runner.cancel(run.requestId)).toBe(true);
    resolve();
    await runner.close();
    expect(isAsked).toBe(false);
    expect(await runs.own.progress(run.requestId)).toMatchObject({ status: 'failed', error_code: 'cancelled' });
  });

  it('W2: fails when the answer carries no report, whatever its text says', async () => {
    const run = await runs.newRun();
    runs.runnerWith(async () => ({ text: 'Supply Chain Optimization Analysis', data: undefined })).start(run);
    expect((await runs.ended(run.requestId)).error).toContain('no usable report');
  });

  it('says what it waits for while the agent is not approved, and goes on afterwards', async () => {
    const approval = Promise.withResolvers<void>();
    const run = await runs.newRun();
    runs
      .runnerWith(async () => ({ text: 'done', data: sixMonthReport }), {
        ready: approval.promise,
        status: () => ({ state: 'pending', detail: 'Nobody has decided yet.' }),
      })
      .start(run);
    expect(await runs.progressWhile(run.requestId, 'approval_pending')).toMatchObject({
      current_step: `“Backend App” waits for your approval at ${personServerUrl}/ui. Nobody has decided yet.`,
      interaction_url: `${personServerUrl}/ui`,
      interaction_code: null,
    });
    approval.resolve();
    expect(await runs.ended(run.requestId)).toMatchObject({ status: 'completed', interaction_url: null });
  });

  it('fails, saying what it waited for, when nobody approves the agent in time', async () => {
    const run = await runs.newRun();
    const session = {
      ready: Promise.withResolvers<void>().promise,
      status: () => ({ state: 'pending' as const, detail: 'Waiting for approval.' }),
    };
    runs.runnerWith(async () => ({ text: '', data: sixMonthReport }), session, { enrolmentTimeoutMs: 1 }).start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({
      error: 'The backend has no agent token yet: Waiting for approval.',
      error_code: 'agent_not_approved',
    });
  });

  it('fails, saying who did not answer, when the agents take too long', async () => {
    const run = await runs.newRun();
    runs.runnerWith((_text, options) => rejectedBy(options?.patience?.signal), {}, { agentTimeoutMs: 1 }).start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({
      error: 'The supply-chain agent did not answer within 0.001 s.',
      error_code: 'timeout',
    });
  });

  it('W13: is taken up again by the next process when this one stops', async () => {
    const asked = Promise.withResolvers<void>();
    const run = await runs.newRun();
    const first = runs.runnerWith((_text, options) => {
      asked.resolve();
      return rejectedBy(options?.signal);
    });
    first.start(run);
    await asked.promise;
    await first.close();
    const [unfinished] = await runs.store.unfinished();
    expect(unfinished).toMatchObject({ requestId: run.requestId, status: 'running', message: run.message });

    runs.runnerWith(async () => ({ text: 'done', data: sixMonthReport })).start(run);
    expect((await runs.ended(run.requestId)).status).toBe('completed');
  });

  it('does not change any more once it has ended', async () => {
    const run = await runs.newRun();
    await runs.store.fail(run.requestId, { code: 'failed', reason: 'first' });
    expect(await runs.store.fail(run.requestId, { code: 'failed', reason: 'second' })).toBe(false);
    await runs.store.step(run.requestId, 50, 'late');
    expect(await runs.own.progress(run.requestId)).toMatchObject({
      status: 'failed',
      error: 'first',
      progress_percentage: 0,
    });
  });

  it('W12: survives clearing while it is under way', async () => {
    const [underWay, over] = [await runs.newRun(), await runs.newRun()];
    await runs.store.fail(over.requestId, { code: 'failed', reason: 'over' });
    expect(await runs.own.forgetAll()).toBe(1);
    expect(await runs.own.progress(over.requestId)).toBeUndefined();
    expect(await runs.own.progress(underWay.requestId)).toMatchObject({ status: 'running' });
  });
});

describe('a run whose call was lost', () => {
  const gone = new A2ACallError('gone', 'The pending request ended: gone. Nothing is kept here.');

  it.each([
    gone,
    new A2ACallError('unreachable', 'fetch failed: connect ECONNREFUSED 127.0.0.1:3000'),
    new A2ACallError('interrupted', 'The stream ended before the reply was complete.'),
    new A2ACallError('upstream_unavailable', 'localhost:9999 does not answer.', { status: 502 }),
    new A2ACallError('temporarily_unavailable', 'http://person-server.localhost:8765 cannot be reached.'),
  ])('calls again: $message', async (lost) => {
    const run = await runs.newRun();
    let calls = 0;
    runs
      .runnerWith(async () => {
        calls += 1;
        if (calls === 1) throw lost;
        return { text: 'done', data: { ...sixMonthReport } };
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({ status: 'completed', error: null });
    expect([calls, runs.pauses]).toEqual([2, [0.5]]);
  });

  it('fails with the reason when it is lost every time, after longer and longer pauses', async () => {
    const run = await runs.newRun();
    let calls = 0;
    runs
      .runnerWith(async () => {
        calls += 1;
        throw gone;
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({ status: 'failed', error: gone.message });
    expect([calls, runs.pauses]).toEqual([5, [0.5, 1, 2, 4]]);
  });
});
