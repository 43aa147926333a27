import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { clarifications } from '../db/schema.ts';

/** Questions that the person may ask about one request (AAuth Protocol, "Clarification Limits"). */
export const maxRounds = 5;

export type Clarification = typeof clarifications.$inferSelect;

/** In the order in which they were asked. */
export function listClarifications(db: Database, pendingId: string): Promise<Clarification[]> {
  return db
    .select()
    .from(clarifications)
    .where(eq(clarifications.pendingId, pendingId))
    .orderBy(asc(clarifications.round));
}

/** The question that the agent has not answered. */
export async function openQuestion(db: Database, pendingId: string): Promise<string | undefined> {
  const [row] = await db
    .select()
    .from(clarifications)
    .where(and(eq(clarifications.pendingId, pendingId), isNull(clarifications.answeredAt)));
  return row?.question;
}

export interface AgentAnswer {
  readonly answer: string | undefined;
  /** Whether the agent changed what it asks for. */
  readonly updatedRequest: boolean;
  /** Seconds since the epoch. */
  readonly time: number;
}

export async function recordAnswer(
  tx: Database,
  pendingId: string,
  { answer, updatedRequest, time }: AgentAnswer,
): Promise<void> {
  await tx
    .update(clarifications)
    .set({ answer, updatedRequest, answeredAt: toDate(time) })
    .where(and(eq(clarifications.pendingId, pendingId), isNull(clarifications.answeredAt)));
}
