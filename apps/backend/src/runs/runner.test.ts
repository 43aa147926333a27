import { setTimeout as sleep } from 'node:timers/promises';
import { A2ACallError, type Reply, type SendOptions } from '@aauth-stack/a2a/client';
import type { AgentEvent, WorkOptions } from '@aauth-stack/aauth/agent';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { type Database, openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as schema from '../db/schema.ts';
import { guest } from '../sign-in/user.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createRunner, type Runner } from './runner.ts';
import { startRequestSchema } from './start-request.ts';
import { sixMonthReport } from './testing/report.ts';

type Send = (text: string, options: SendOptions | undefined, work: WorkOptions) => Promise<Reply>;

const enrolled = { state: 'enrolled', detail: 'enrolled' } as const;
const identifiers = { allowLoopback: true };
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
  store = createRunStore(database, () => new Date());
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
    clientFor: (work) => ({ send: (text, options) => send(text, options, work) }),
    identifiers,
    authCallback: new URL('http://localhost:8000/auth-callback'),
    agentName: 'Backend App',
    personServer,
    portal: `${personServer}/ui`,
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
  const run = { requestId: crypto.randomUUID(), owner: guest.owner, message: 'perform market analysis.' };
  await store.create({ ...run, request: startRequestSchema.parse({}), traceParent: null });
  return run;
}

async function progressWhile(requestId: string, ...statuses: string[]) {
  for (;;) {
    const progress = await store.of(guest.owner).progress(requestId);
    if (progress && statuses.includes(progress.status)) return progress;
    await sleep(10);
  }
}

const ended = (requestId: string) => progressWhile(requestId, 'completed', 'failed');

describe('a run', () => {
  it('moves on as the agents report, and completes with results from their report', async () => {
    const steps: Array<number | undefined> = [];
    const run = await newRun();
    runnerWith(async (text, options) => {
      expect(text).toBe(run.message);
      steps.push((await store.of(guest.owner).progress(run.requestId))?.progress_percentage);
      options?.onStatus?.({ text: 'Asking the market-analysis agent' });
      return { text: '# Supply Chain Optimization Analysis', data: sixMonthReport };
    }).start(run);
    const progress = await ended(run.requestId);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100, error: null });
    expect(steps).toEqual([25]);
    expect(progress.activities.map(({ status }) => status)).toEqual(['running', 'completed']);
    expect((await store.of(guest.owner).results(run.requestId))?.summary.total_cost).toBe(25_000);
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
    expect(await store.of(guest.owner).results(run.requestId)).toBeUndefined();
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
      status: () => ({ state: 'pending', detail: 'Nobody has decided yet.' }),
    }).start(run);
    expect(await progressWhile(run.requestId, 'approval_pending')).toMatchObject({
      current_step: `“Backend App” waits for your approval at ${personServer}/ui. Nobody has decided yet.`,
      interaction_url: `${personServer}/ui`,
      interaction_code: null,
    });
    approval.resolve();
    expect(await ended(run.requestId)).toMatchObject({ status: 'completed', interaction_url: null });
  });

  it('fails, saying what it waited for, when nobody approves the agent in time', async () => {
    const run = await newRun();
    const session = {
      ready: Promise.withResolvers<void>().promise,
      status: () => ({ state: 'pending' as const, detail: 'Waiting for approval.' }),
    };
    runnerWith(async () => ({ text: '', data: sixMonthReport }), session, { enrolmentTimeoutMs: 1 }).start(run);
    expect(await ended(run.requestId)).toMatchObject({
      error: 'The backend has no agent token yet: Waiting for approval.',
      error_code: 'agent_not_approved',
    });
  });

  it('fails, saying who did not answer, when the agents take too long', async () => {
    const run = await newRun();
    runnerWith((_text, options) => rejectedBy(options?.patience?.signal), {}, { agentTimeoutMs: 1 }).start(run);
    expect(await ended(run.requestId)).toMatchObject({
      error: 'The supply-chain agent did not answer within 0.001 s.',
      error_code: 'timeout',
    });
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
    await store.fail(run.requestId, { code: 'failed', reason: 'first' });
    expect(await store.fail(run.requestId, { code: 'failed', reason: 'second' })).toBe(false);
    await store.step(run.requestId, 50, 'late');
    expect(await store.of(guest.owner).progress(run.requestId)).toMatchObject({
      status: 'failed',
      error: 'first',
      progress_percentage: 0,
    });
  });

  it('W12: survives clearing while it is under way', async () => {
    const [underWay, over] = [await newRun(), await newRun()];
    await store.fail(over.requestId, { code: 'failed', reason: 'over' });
    expect(await store.of(guest.owner).forgetAll()).toBe(1);
    expect(await store.of(guest.owner).progress(over.requestId)).toBeUndefined();
    expect(await store.of(guest.owner).progress(underWay.requestId)).toMatchObject({ status: 'running' });
  });
});

const personServer = parseServerIdentifier('http://person-server.localhost:8765', identifiers);
const supplyChainAgent = parseServerIdentifier('http://supply-chain-agent.localhost:3000', identifiers);
const about = { resource: supplyChainAgent, method: 'POST', url: `${supplyChainAgent}/` };
const settled: AgentEvent = { type: 'settled', ...about, awaiting: 'auth-token', server: personServer };

function deferred(requirement?: { requirement: string; parameters: Record<string, string> }): AgentEvent {
  const location = new URL('/pending/1', personServer);
  const pending = { location, status: 'pending', retryAfter: 2, expiresAt: undefined, body: {}, requirement } as const;
  return { type: 'deferred', ...about, awaiting: 'auth-token', server: personServer, pending };
}

const interaction = (code: string, url = `${personServer}/ui/consent`) =>
  deferred({ requirement: 'interaction', parameters: { url, code } });

describe('a run that waits for the person', () => {
  const done: Reply = { text: 'done', data: { ...sixMonthReport } };

  it('W9: shows where to decide and with which code, and nothing of it afterwards', async () => {
    const run = await newRun();
    const decided = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    runnerWith(async (_text, _options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4'));
      await decided.promise;
      onEvent?.(settled);
      await goOn.promise;
      return done;
    }).start(run);
    const waiting = await progressWhile(run.requestId, 'interaction_required');
    const url = new URL(waiting.interaction_url ?? '');
    expect(`${url.origin}${url.pathname}`).toBe(`${personServer}/ui/consent`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: 'A1B2-C3D4',
      callback: `http://localhost:8000/auth-callback?request_id=${run.requestId}`,
    });
    expect(waiting).toMatchObject({ interaction_code: 'A1B2-C3D4', progress_percentage: 25, error: null });
    expect(waiting.current_step).toContain('A1B2-C3D4');
    decided.resolve();
    const nobodyAsked = { interaction_url: null, interaction_code: null };
    expect(await progressWhile(run.requestId, 'running')).toMatchObject(nobodyAsked);
    goOn.resolve();
    expect(await ended(run.requestId)).toMatchObject({ status: 'completed', ...nobodyAsked });
  });

  it('W9: fails with the reason when the person denies, and shows nothing to decide', async () => {
    const run = await newRun();
    runnerWith(async (_text, _options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4'));
      await progressWhile(run.requestId, 'interaction_required');
      onEvent?.(settled);
      throw new A2ACallError('denied', 'The pending request ended: denied. Alice said no.');
    }).start(run);
    expect(await ended(run.requestId)).toMatchObject({
      status: 'failed',
      error: 'denied: The pending request ended: denied. Alice said no.',
      error_code: 'denied',
      interaction_url: null,
      interaction_code: null,
    });
  });

  it('shows a later question in the place of the first, whoever asks it', async () => {
    const run = await newRun();
    const seen: unknown[] = [];
    runnerWith(async (_text, _options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4'));
      await progressWhile(run.requestId, 'interaction_required');
      onEvent?.(interaction('E5F6-G7H8', `${supplyChainAgent}/interaction/1`));
      for (;;) {
        const { interaction_url, interaction_code } = (await store.of(guest.owner).progress(run.requestId)) ?? {};
        if (interaction_code === 'A1B2-C3D4') {
          await sleep(10);
          continue;
        }
        seen.push(interaction_code, interaction_url?.split('?')[0]);
        return done;
      }
    }).start(run);
    expect((await ended(run.requestId)).status).toBe('completed');
    expect(seen).toEqual(['E5F6-G7H8', `${supplyChainAgent}/interaction/1`]);
  });

  it('says that an approval is waited for where the person has no link of their own', async () => {
    const run = await newRun();
    runnerWith(async (_text, _options, { onEvent }) => {
      onEvent?.(deferred({ requirement: 'approval', parameters: {} }));
      const waiting = await progressWhile(run.requestId, 'approval_pending');
      expect(waiting).toMatchObject({
        interaction_url: `${personServer}/ui`,
        interaction_code: null,
        current_step: `Waiting for an approval at ${personServer}`,
      });
      onEvent?.(deferred());
      await progressWhile(run.requestId, 'running');
      return done;
    }).start(run);
    expect(await ended(run.requestId)).toMatchObject({ status: 'completed', error: null });
  });

  it('answers from its prompt, and the feed has what was asked and answered', async () => {
    const run = await newRun();
    runnerWith(async (_text, _options, { onEvent, onClarification, justification, capabilities }) => {
      expect(capabilities).toEqual(['interaction', 'clarification']);
      expect(justification).toContain(run.message);
      const question = { question: 'Why?', options: [], timeout: 60, round: 1, canUpdate: true } as const;
      const of = { server: personServer, awaiting: 'auth-token' } as const;
      const reply = await onClarification?.({ ...question, ...of, resource: supplyChainAgent });
      if (reply?.action !== 'answer') throw new TypeError('That is no answer.');
      expect(reply.answer).toContain(run.message);
      onEvent?.({ type: 'clarified', ...about, ...of, question: 'Why?', reply, status: 202 });
      return done;
    }).start(run);
    const { activities, error } = await ended(run.requestId);
    expect(error).toBeNull();
    expect(activities.map(({ action }) => action)).toContain('clarification');
    expect(activities.find(({ action }) => action === 'clarification')?.details).toMatch(
      /^Asked: Why\?\n\nAnswered: I call /,
    );
  });

  it('W16: fails rather than sending the person to an address that nobody should open', async () => {
    const run = await newRun();
    runnerWith(async (_text, _options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4', 'javascript:alert(1)'));
      return done;
    }).start(run);
    expect(await ended(run.requestId)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('cannot be opened'),
      interaction_url: null,
    });
  });

  it('W13: shows no stale question when the next process takes it up', async () => {
    const run = await newRun();
    const asked = Promise.withResolvers<void>();
    const first = runnerWith((_text, options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4'));
      asked.resolve();
      return rejectedBy(options?.signal);
    });
    first.start(run);
    await asked.promise;
    await progressWhile(run.requestId, 'interaction_required');
    await first.close();
    // The person may still decide on what was asked.
    const [unfinished] = await store.unfinished();
    expect(unfinished).toMatchObject({ status: 'interaction_required', interactionCode: 'A1B2-C3D4' });
    runnerWith(async () => {
      expect(await store.of(guest.owner).progress(run.requestId)).toMatchObject({
        status: 'running',
        interaction_url: null,
      });
      return done;
    }).start(run);
    expect((await ended(run.requestId)).error).toBeNull();
  });
});

describe('a run whose call the supply-chain agent has lost', () => {
  const gone = new A2ACallError('gone', 'The pending request ended: gone. Nothing is kept here.');

  it('calls again', async () => {
    const run = await newRun();
    let calls = 0;
    runnerWith(async () => {
      calls += 1;
      if (calls === 1) throw gone;
      return { text: 'done', data: { ...sixMonthReport } };
    }).start(run);
    expect(await ended(run.requestId)).toMatchObject({ status: 'completed', error: null });
    expect(calls).toBe(2);
  });

  it('fails with the reason when it is lost every time', async () => {
    const run = await newRun();
    let calls = 0;
    runnerWith(async () => {
      calls += 1;
      throw gone;
    }).start(run);
    expect(await ended(run.requestId)).toMatchObject({ status: 'failed', error: gone.message });
    expect(calls).toBe(3);
  });
});

function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal?.aborted) reject(signal.reason);
  signal?.addEventListener('abort', () => reject(signal.reason));
  return promise;
}
