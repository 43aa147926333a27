import { randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { policyDecisions } from '../db/schema.ts';
import type { TokenQuestion } from '../tokens/question.ts';

/** What became of one request for a token, as it is kept. */
export type PolicyDecision = typeof policyDecisions.$inferSelect;

export interface NewPolicyDecision extends Pick<PolicyDecision, 'outcome' | 'reason'> {
  readonly scope: readonly string[];
  readonly jti?: string;
  /** Seconds since the epoch. */
  readonly decidedAt: number;
}

/** Keeps what was decided on a request in a person's name. */
export async function recordDecision(
  db: Database,
  { type, resource, agent, justification, upstream }: TokenQuestion,
  personId: string,
  { scope, decidedAt, ...decision }: NewPolicyDecision,
): Promise<void> {
  await db.insert(policyDecisions).values({
    ...decision,
    id: randomUUID(),
    personId,
    tokenType: type,
    resource,
    agentProvider: agent.provider,
    agentId: agent.id,
    scope: [...scope],
    justification,
    onBehalfOf: upstream?.agentId,
    decidedAt: toDate(decidedAt),
  });
}

/** The newest first. */
export function latestDecisions(db: Database, personId: string, limit: number): Promise<PolicyDecision[]> {
  return db
    .select()
    .from(policyDecisions)
    .where(eq(policyDecisions.personId, personId))
    .orderBy(desc(policyDecisions.decidedAt))
    .limit(limit);
}
