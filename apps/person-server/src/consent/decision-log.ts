import { recordActivity } from '../activity/record.ts';
import type { Database } from '../db/database.ts';
import { recordUse } from '../resources/uses.ts';
import type { TokenQuestion } from '../tokens/question.ts';
import type { DecisionReason } from './policy.ts';
import { explainReason } from './reasons.ts';

export interface NewPolicyDecision {
  readonly outcome: 'granted' | 'asked' | 'refused';
  readonly reason: DecisionReason;
  readonly scope: readonly string[];
  /** The token that was issued. */
  readonly jti?: string;
  /** The request that waits for the person. */
  readonly pendingId?: string | undefined;
  /** What the agent is called, where that is known; else it is looked up. */
  readonly agentName?: string | null;
  /** Seconds since the epoch. */
  readonly decidedAt: number;
}

const kinds = { granted: 'token-issued', asked: 'consent-asked', refused: 'token-refused' } as const;

/** Keeps what was decided on a request in a person's name. */
export async function recordDecision(
  tx: Database,
  { type: tokenType, resource, agent, justification, upstream }: TokenQuestion,
  personId: string,
  { outcome, decidedAt: at, ...decision }: NewPolicyDecision,
): Promise<void> {
  const [agentProvider, agentId] = [agent.provider, agent.id];
  await recordUse(tx, { personId, resource, agentProvider, agentId, time: at, granted: outcome === 'granted' });
  await recordActivity(tx, {
    ...decision,
    kind: kinds[outcome],
    personId,
    at,
    agentProvider,
    agentId,
    resource,
    tokenType,
    justification,
    onBehalfOf: upstream?.agentId,
    ...(outcome === 'refused' && { outcome, detail: explainReason(decision.reason) }),
  });
}
