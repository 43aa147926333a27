import { setTimeout as sleep } from 'node:timers/promises';
import { A2ACallError, type Reply } from '@aauth-stack/a2a/client';
import type { AgentEvent } from '@aauth-stack/aauth/agent';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifiers, personServerUrl, rejectedBy, startRuns } from '../../test/runs.ts';
import { sixMonthReport } from './testing/report.ts';

const personServer = parseServerIdentifier(personServerUrl, identifiers);
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

let runs: Awaited<ReturnType<typeof startRuns>>;

beforeEach(async () => {
  runs = await startRuns();
});
afterEach(() => runs.close());

describe('a run that waits for the person', () => {
  const done: Reply = { text: 'done', data: { ...sixMonthReport } };

  it('W9: shows where to decide and with which code, and nothing of it afterwards', async () => {
    const run = await runs.newRun();
    const decided = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    runs
      .runnerWith(async (_text, _options, { onEvent }) => {
        onEvent?.(interaction('A1B2-C3D4'));
        await decided.promise;
        onEvent?.(settled);
        await goOn.promise;
        return done;
      })
      .start(run);
    const waiting = await runs.progressWhile(run.requestId, 'interaction_required');
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
    expect(await runs.progressWhile(run.requestId, 'running')).toMatchObject(nobodyAsked);
    goOn.resolve();
    expect(await runs.ended(run.requestId)).toMatchObject({ status: 'completed', ...nobodyAsked });
  });

  it('W9: fails with the reason when the person denies, and shows nothing to decide', async () => {
    const run = await runs.newRun();
    runs
      .runnerWith(async (_text, _options, { onEvent }) => {
        onEvent?.(interaction('A1B2-C3D4'));
        await runs.progressWhile(run.requestId, 'interaction_required');
        onEvent?.(settled);
        throw new A2ACallError('denied', 'The pending request ended: denied. Alice said no.');
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({
      status: 'failed',
      error: 'denied: The pending request ended: denied. Alice said no.',
      error_code: 'denied',
      interaction_url: null,
      interaction_code: null,
    });
  });

  it('shows a later question in the place of the first, whoever asks it', async () => {
    const run = await runs.newRun();
    const seen: unknown[] = [];
    runs
      .runnerWith(async (_text, _options, { onEvent }) => {
        onEvent?.(interaction('A1B2-C3D4'));
        await runs.progressWhile(run.requestId, 'interaction_required');
        onEvent?.(interaction('E5F6-G7H8', `${supplyChainAgent}/interaction/1`));
        for (;;) {
          const { interaction_url, interaction_code } = (await runs.own.progress(run.requestId)) ?? {};
          if (interaction_code === 'A1B2-C3D4') {
            await sleep(10);
            continue;
          }
          seen.push(interaction_code, interaction_url?.split('?')[0]);
          return done;
        }
      })
      .start(run);
    expect((await runs.ended(run.requestId)).status).toBe('completed');
    expect(seen).toEqual(['E5F6-G7H8', `${supplyChainAgent}/interaction/1`]);
  });

  it('says that an approval is waited for where the person has no link of their own', async () => {
    const run = await runs.newRun();
    runs
      .runnerWith(async (_text, _options, { onEvent }) => {
        onEvent?.(deferred({ requirement: 'approval', parameters: {} }));
        const waiting = await runs.progressWhile(run.requestId, 'approval_pending');
        expect(waiting).toMatchObject({
          interaction_url: `${personServer}/ui`,
          interaction_code: null,
          current_step: `Waiting for an approval at ${personServer}`,
        });
        onEvent?.(deferred());
        await runs.progressWhile(run.requestId, 'running');
        return done;
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({ status: 'completed', error: null });
  });

  it('answers from its prompt, and the feed has what was asked and answered', async () => {
    const run = await runs.newRun();
    runs
      .runnerWith(async (_text, _options, { onEvent, onClarification, justification, capabilities }) => {
        expect(capabilities).toEqual(['interaction', 'clarification']);
        expect(justification).toContain(run.message);
        const question = { question: 'Why?', options: [], timeout: 60, round: 1, canUpdate: true } as const;
        const of = { server: personServer, awaiting: 'auth-token' } as const;
        const reply = await onClarification?.({ ...question, ...of, resource: supplyChainAgent });
        if (reply?.action !== 'answer') throw new TypeError('That is no answer.');
        expect(reply.answer).toContain(run.message);
        onEvent?.({ type: 'clarified', ...about, ...of, question: 'Why?', reply, status: 202 });
        return done;
      })
      .start(run);
    const { activities, error } = await runs.ended(run.requestId);
    expect(error).toBeNull();
    expect(activities.map(({ action }) => action)).toContain('clarification');
    expect(activities.find(({ action }) => action === 'clarification')?.details).toMatch(
      /^Asked: Why\?\n\nAnswered: I call /,
    );
  });

  it('W16: fails rather than sending the person to an address that nobody should open', async () => {
    const run = await runs.newRun();
    runs
      .runnerWith(async (_text, _options, { onEvent }) => {
        onEvent?.(interaction('A1B2-C3D4', 'javascript:alert(1)'));
        return done;
      })
      .start(run);
    expect(await runs.ended(run.requestId)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('cannot be opened'),
      interaction_url: null,
    });
  });

  it('W13: shows no stale question when the next process takes it up', async () => {
    const run = await runs.newRun();
    const asked = Promise.withResolvers<void>();
    const first = runs.runnerWith((_text, options, { onEvent }) => {
      onEvent?.(interaction('A1B2-C3D4'));
      asked.resolve();
      return rejectedBy(options?.signal);
    });
    first.start(run);
    await asked.promise;
    await runs.progressWhile(run.requestId, 'interaction_required');
    await first.close();
    // The person may still decide on what was asked.
    const [unfinished] = await runs.store.unfinished();
    expect(unfinished).toMatchObject({ status: 'interaction_required', interactionCode: 'A1B2-C3D4' });
    runs
      .runnerWith(async () => {
        expect(await runs.own.progress(run.requestId)).toMatchObject({
          status: 'running',
          interaction_url: null,
        });
        return done;
      })
      .start(run);
    expect((await runs.ended(run.requestId)).error).toBeNull();
  });
});
