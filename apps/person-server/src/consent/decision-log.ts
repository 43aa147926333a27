import { randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { policyDecisions } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';

/** What the policy decided once, as it is kept. */
export type PolicyDecision = typeof policyDecisions.$inferSelect;

export interface NewPolicyDecision extends Pick<PolicyDecision, 'tokenType' | 'resource' | 'outcome' | 'reason'> {
  readonly scope: readonly string[];
  readonly jti?: string;
  /** Seconds since the epoch. */
  readonly decidedAt: number;
}

/** Keeps a decision on the request of `c`, after the checks that say whose request it is. */
export async function recordDecision(db: Database, c: AppContext, decision: NewPolicyDecision): Promise<void> {
  const { issuer, agent } = c.get('agentToken');
  await db.insert(policyDecisions).values({
    ...decision,
    id: randomUUID(),
    personId: c.get('personId'),
    agentProvider: issuer,
    agentId: agent,
    scope: [...decision.scope],
    justification: c.get('tokenRequest').justification,
    onBehalfOf: c.get('upstream')?.record.agentId,
    decidedAt: toDate(decision.decidedAt),
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
