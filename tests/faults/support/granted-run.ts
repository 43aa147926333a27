import { progressOf, startRun } from '../../support/backend.ts';
import { consentRequest, decide } from '../../support/consent.ts';
import { until } from '../../support/until.ts';
import { outcomeOf } from './run.ts';

/** How a run ends in which the person grants whatever they are asked. */
export async function grantedRun(): Promise<string> {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  const answered = new Set<string>();
  for (;;) {
    const code = await until(`run ${requestId} to end or to ask`, async () => {
      const progress = await progressOf(requestId);
      if (['completed', 'failed'].includes(progress.status)) return 'ended';
      const asked = progress.status === 'interaction_required' ? progress.interaction_code : null;
      return asked && !answered.has(asked) ? asked : undefined;
    });
    if (code === 'ended') return outcomeOf(requestId);
    answered.add(code);
    const { pending_id } = await consentRequest(code);
    await decide(pending_id, { approved: true });
  }
}
