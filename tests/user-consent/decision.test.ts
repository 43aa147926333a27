import { beforeEach, describe, expect, it } from 'vitest';
import { endOf, progressOf, reportOf, resultsOf, startRun } from '../support/backend.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { asPerson, issuedTokens, takeBackEverything } from '../support/person.ts';
import { killed } from '../support/processes.ts';
import { startAgain } from '../support/restart.ts';
import { until } from '../support/until.ts';

const supplyChain = 'http://supply-chain-agent.localhost:3000';
const prompt = { prompt: 'perform market analysis' };

beforeEach(takeBackEverything);

/** A run that waits for the person, and the request that the person sees. */
async function askedRun() {
  const requestId = await startRun(prompt);
  const { interaction_code: code } = await interactionOf(requestId);
  return { requestId, code, request: await consentRequest(code) };
}

describe('an optimization that needs the person', () => {
  it('says where to decide and with which code, and completes once the person has approved', async () => {
    const requestId = await startRun(prompt);
    const waiting = await interactionOf(requestId);
    const url = new URL(waiting.interaction_url);
    expect(url.origin).toBe('http://person-server.localhost:8765');
    expect(url.searchParams.get('code')).toBe(waiting.interaction_code);
    expect(url.searchParams.get('callback')).toMatch(/\/auth-callback\?request_id=/);

    const request = await consentRequest(waiting.interaction_code);
    expect(request).toMatchObject({
      status: 'interacting',
      pending_kind: 'auth-token',
      agent: { agent_name: 'Backend App' },
      resource: { issuer: supplyChain, name: 'Supply-chain agent' },
      needs_person_scopes: ['require:user'],
    });
    expect(request.scopes.toSorted()).toEqual(['require:user', 'supply-chain:check', 'supply-chain:read']);
    expect(request.resource.scope_descriptions['supply-chain:read']).toBe('Read stock, orders and policies');

    expect(await decide(request.pending_id, { approved: true })).toMatchObject({ status: 'approved' });
    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'completed', interaction_url: null, interaction_code: null, error: null });
    expect(reportOf(progress)).toContain('Market Analysis Report');
    expect((await resultsOf(requestId)).summary.total_cost).toBe(25_000);
  });

  it('W9: fails with the reason when the person denies', async () => {
    const { requestId, request } = await askedRun();
    await decide(request.pending_id, { approved: false });
    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'failed', interaction_url: null, interaction_code: null });
    expect(progress.error).toMatch(/denied/i);
    expect(progress.current_step).toBe(`Error: ${progress.error}`);
  });

  it('W16: a decision counts once, and nothing is granted after a denial', async () => {
    const { requestId, request } = await askedRun();
    const before = await issuedTokens();
    await decide(request.pending_id, { approved: false });
    await expect(decide(request.pending_id, { approved: true })).rejects.toThrow(/already_decided/);
    expect((await endOf(requestId)).status).toBe('failed');
    expect(await issuedTokens()).toEqual(before);
  });

  it('of two decisions at the same moment one counts', async () => {
    const { requestId, request } = await askedRun();
    const outcomes = await Promise.allSettled(
      [true, false].map((approved) => decide(request.pending_id, { approved })),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const isApproved = outcomes[0]?.status === 'fulfilled';
    expect((await endOf(requestId)).status).toBe(isApproved ? 'completed' : 'failed');
  });

  it('goes on with fewer scopes where those suffice, and says what is missing where they do not', async () => {
    const { requestId, request } = await askedRun();
    await decide(request.pending_id, { approved: true, scopes: ['supply-chain:check'] });
    const progress = await endOf(requestId);
    const [token] = (await issuedTokens()).filter(
      ({ type, audience }) => type === 'aa-auth+jwt' && audience === supplyChain,
    );
    expect(token?.scope).toEqual(['supply-chain:check']);
    expect(progress.status).toBe('failed');
    expect(progress.error).toMatch(/403|not allowed|policy|forbidden/i);
  });

  it('answers what the person asks about it, from its prompt', async () => {
    const { requestId, request } = await askedRun();
    await decide(request.pending_id, { clarification_question: 'What is it for?' });
    const { questions } = await until('the answer of the agent', async () => {
      const current = await asPerson<typeof request>(`/consent/${request.pending_id}`);
      return current.questions[0]?.answer ? current : undefined;
    });
    expect(questions).toEqual([
      expect.objectContaining({ question: 'What is it for?', answer: expect.stringContaining(prompt.prompt) }),
    ]);
    await decide(request.pending_id, { approved: true });
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('is not lost when the Person Server is killed between request and decision, and again before the answer', async () => {
    const { requestId, request } = await askedRun();
    await killed('person-server');
    await startAgain();
    expect((await progressOf(requestId)).status).toBe('interaction_required');
    await decide(request.pending_id, { approved: true });
    await killed('person-server');
    await startAgain();
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('W10: is not asked about again when the person chose to remember, even by a backend that has forgotten its tokens', async () => {
    const { requestId, request } = await askedRun();
    await decide(request.pending_id, { approved: true, remember: true });
    expect((await endOf(requestId)).status).toBe('completed');
    await killed('backend');
    await startAgain();
    expect((await endOf(await startRun(prompt))).status).toBe('completed');

    // Until the person takes it back.
    await takeBackEverything();
    const again = await askedRun();
    await decide(again.request.pending_id, { approved: false });
    expect((await endOf(again.requestId)).status).toBe('failed');
  });
});
