import { type Progress, progressOf } from './backend.ts';
import { asPerson } from './person.ts';
import { until } from './until.ts';

/** What the Person Server shows of a request that waits for the person, as far as these tests look at it. */
export interface ConsentRequest {
  pending_id: string;
  pending_kind: string;
  status: string;
  agent: { agent_id: string; agent_name: string };
  resource: { issuer: string; name: string | null; scope_descriptions: Record<string, string> };
  scopes: string[];
  needs_person_scopes: string[];
  justification: string | null;
  questions: { question: string; answer: string | null }[];
}

export interface Interaction extends Progress {
  interaction_url: string;
  interaction_code: string;
}

/**
 * The progress of a run once it needs the person.
 *
 * @param answered the code of a request of the same run that was decided before
 */
export function interactionOf(requestId: string, answered?: string): Promise<Interaction> {
  return until(`run ${requestId} to need the person`, async () => {
    const progress = await progressOf(requestId);
    if (['completed', 'failed'].includes(progress.status)) {
      throw new Error(`Run ${requestId} ended as ${progress.status} without asking: ${progress.error}`);
    }
    const { interaction_url, interaction_code } = progress;
    if (progress.status !== 'interaction_required' || !interaction_url || !interaction_code) return undefined;
    return interaction_code !== answered && { ...progress, interaction_url, interaction_code };
  });
}

/** The request behind a code, opened as the person's session does. */
export function consentRequest(code: string): Promise<ConsentRequest> {
  return asPerson(`/consent?code=${encodeURIComponent(code)}`);
}

export type Decision =
  | { approved: true; scopes?: string[]; remember?: boolean }
  | { approved: false }
  | { clarification_question: string };

export function decide(pendingId: string, decision: Decision): Promise<ConsentRequest> {
  return asPerson(`/consent/${pendingId}/decision`, {
    method: 'POST',
    body: JSON.stringify(decision),
    headers: { 'content-type': 'application/json' },
  });
}
