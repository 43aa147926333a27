import { endOf, type Progress, startRun } from '../../support/backend.ts';
import { consentRequest, interactionOf } from '../../support/consent.ts';

const prompt = { prompt: 'perform market analysis' };

/** A run that waits for the person, who has opened its request. */
export async function askedRun(): Promise<{ requestId: string; pendingId: string }> {
  const requestId = await startRun(prompt);
  const { interaction_code } = await interactionOf(requestId);
  const { pending_id } = await consentRequest(interaction_code);
  return { requestId, pendingId: pending_id };
}

/** How a run ended: `completed`, or why it did not. */
export async function outcomeOf(requestId: string): Promise<string> {
  return howItEnded(await endOf(requestId));
}

/** The same of a run that has ended. A report may come without what only the market-analysis agent knows, and says so. */
export function howItEnded({ status, error, activities }: Progress): string {
  if (status !== 'completed') return `${status}: ${error}`;
  const details = activities.map((activity) => activity.details).join('\n');
  const missing = /No market analysis provided \((.+)\)/.exec(details)?.[1];
  return missing === undefined ? status : `${status} without a market analysis (${missing})`;
}

/** Seconds since a moment, for people. */
export function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
