import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentSession } from '@aauth-stack/aauth/agent';
import { RunError } from './failure.ts';
import type { RunRecord } from './patient-store.ts';

export interface EnrolmentOptions {
  store: Pick<RunRecord, 'step' | 'wait'>;
  session: Pick<AgentSession, 'ready' | 'status'>;
  agentName: string;
  /** Where the person approves agents. */
  portal: string;
  /** How long it may take, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
}

const lookAgainMs = 500;

/**
 * Resolves when the backend has its agent token. A run that waits for that says so, and where the person approves the agent.
 *
 * @throws RunError `agent_not_approved` when it takes too long
 */
export async function awaitEnrolment(requestId: string, options: EnrolmentOptions): Promise<void> {
  const { store, session, agentName, portal, timeoutMs, signal } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let told: string | undefined;
  for (;;) {
    const { state, detail } = session.status();
    if (state === 'enrolled') break;
    if (limit.aborted) throw new RunError('agent_not_approved', `The backend has no agent token yet: ${detail}`);
    if (detail !== told) await tell(state === 'pending' || state === 'denied', detail);
    told = detail;
    const isReady = session.ready.then(() => true);
    if (await Promise.race([isReady, sleep(lookAgainMs, false, { signal: limit }).catch(() => false)])) break;
  }
  await store.step(requestId, 10, 'The backend has its agent token');

  async function tell(isForPerson: boolean, detail: string): Promise<void> {
    if (!isForPerson) return store.step(requestId, 5, detail);
    const step = `“${agentName}” waits for your approval at ${portal}. ${detail}`;
    return store.wait(requestId, { status: 'approval_pending', step, link: { url: portal } });
  }
}
