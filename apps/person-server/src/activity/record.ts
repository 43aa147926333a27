import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { agentOf } from '../agents/ownership.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { activity } from '../db/schema.ts';
import type { ActivityKind, ActivityOutcome } from './kinds.ts';

/** Something that happened in a person's name, as it is kept. */
export type ActivityRecord = typeof activity.$inferSelect;

type Optional =
  | 'agentProvider'
  | 'agentId'
  | 'agentName'
  | 'resource'
  | 'tokenType'
  | 'jti'
  | 'pendingId'
  | 'enrolmentId'
  | 'reason'
  | 'justification'
  | 'onBehalfOf'
  | 'via'
  | 'detail';

export interface NewActivity extends Partial<Pick<typeof activity.$inferInsert, Optional>> {
  readonly kind: ActivityKind;
  readonly personId: string;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly scope?: readonly string[];
  /** `done` unless said otherwise. */
  readonly outcome?: ActivityOutcome;
}

/**
 * Keeps what happened, in the transaction in which it happens. An agent without a name given is called what it is called now.
 *
 * @returns the entry, to settle one that was only `sent`
 */
export async function recordActivity(tx: Database, { at, scope = [], ...entry }: NewActivity): Promise<string> {
  const id = randomUUID();
  const agentName = entry.agentName === undefined ? await nameOf(tx, entry) : entry.agentName;
  await tx.insert(activity).values({ outcome: 'done', ...entry, agentName, id, at: toDate(at), scope: [...scope] });
  return id;
}

/** Keeps how something ended that others had to carry out, and what was learned of it. */
export async function settleActivity(
  db: Database,
  id: string,
  learned: { outcome: ActivityOutcome; detail?: string | undefined; agentId?: string },
): Promise<void> {
  await db.update(activity).set(learned).where(eq(activity.id, id));
}

async function nameOf(tx: Database, { agentProvider, agentId }: Omit<NewActivity, 'at'>): Promise<string | null> {
  if (!agentProvider || !agentId) return null;
  return (await agentOf(tx, agentProvider, agentId))?.name ?? null;
}
