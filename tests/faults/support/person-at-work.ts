import { setTimeout as delay } from 'node:timers/promises';
import { type Progress, progressOf } from '../../support/backend.ts';
import { consentRequest, decide } from '../../support/consent.ts';

/** What a person saw of a run, from its start to its end. */
export interface Story {
  progress: Progress;
  /** The requests that they approved, in this order. */
  approved: readonly string[];
}

/**
 * Follows a run to its end as a person does: approves when they are asked, presses again when the page says that it did not work,
 * and does not mind when nothing answers for a while.
 *
 * @param mayDecide when they begin to decide; they look on before that
 */
export async function attend(requestId: string, mayDecide: Promise<unknown> = Promise.resolve()): Promise<Story> {
  const approved: string[] = [];
  const seen = new Set<string>();
  let isThere = false;
  void mayDecide.then(() => {
    isThere = true;
  });
  const deadline = Date.now() + 240_000;
  while (Date.now() < deadline) {
    const progress = await progressOf(requestId).catch(() => undefined);
    if (progress && ['completed', 'failed'].includes(progress.status)) return { progress, approved };
    const code = progress?.status === 'interaction_required' ? progress.interaction_code : null;
    if (isThere && code && !seen.has(code)) {
      const id = await approve(code).catch(() => undefined);
      if (id !== undefined) {
        seen.add(code);
        if (id !== '') approved.push(id);
      }
    }
    await delay(50);
  }
  throw new Error(`Run ${requestId} has not ended after 240 s: ${JSON.stringify(await progressOf(requestId))}`);
}

/** @returns the request that was approved; empty where it had been decided before */
async function approve(code: string): Promise<string> {
  const request = await consentRequest(code);
  if (!['pending', 'interacting'].includes(request.status)) return '';
  await decide(request.pending_id, { approved: true });
  return request.pending_id;
}
