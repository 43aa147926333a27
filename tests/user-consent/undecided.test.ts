import { beforeEach, describe, expect, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { letPendingRequestsExpire } from '../support/database.ts';
import { asPerson, takeBackEverything } from '../support/person.ts';

beforeEach(takeBackEverything);

const waitingRun = async () => {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  return { requestId, ...(await interactionOf(requestId)) };
};

describe('a request that nobody decides on', () => {
  it('W10: expires, and the run fails with that reason', async () => {
    const { requestId } = await waitingRun();
    await letPendingRequestsExpire();
    expect(await asPerson('/person/requests')).toEqual([]);
    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'failed', interaction_url: null, interaction_code: null });
    expect(progress.error).toMatch(/expired/i);
  });

  it('is abandoned when the person came and did not decide, and cannot be decided afterwards', async () => {
    const { requestId, interaction_code } = await waitingRun();
    const { pending_id } = await consentRequest(interaction_code);
    await letPendingRequestsExpire();
    await expect(decide(pending_id, { approved: true })).rejects.toThrow(/expired/);
    const progress = await endOf(requestId);
    expect(progress.status).toBe('failed');
    expect(progress.error).toMatch(/did not decide|abandoned/i);
  });

  it('has failed after ten wrong codes, for the code that is right too', async () => {
    const { requestId, interaction_code } = await waitingRun();
    const guesses = ['2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B'].map((last) => `ZZZZ-ZZZ${last}`);
    for (const guess of guesses) await expect(consentRequest(guess)).rejects.toThrow(/invalid_code/);
    await expect(consentRequest(interaction_code)).rejects.toThrow(/invalid_code/);
    const progress = await endOf(requestId);
    expect(progress.status).toBe('failed');
    expect(progress.error).toMatch(/code/i);
  });
});
