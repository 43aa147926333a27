import { randomBytes } from 'node:crypto';
import type { Thumbprint } from '@aauth-stack/aauth/keys';
import { and, asc, count, eq, gt, isNull, lt, lte, sql } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';
import { type EnrolmentStatus, enrolments } from '../db/schema.ts';

export type EnrolmentRow = typeof enrolments.$inferSelect;

/** Serialises what depends on which enrolments and agents exist: opening an enrolment and approving one. */
export async function lockEnrolments(tx: Queries): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('enrolments'))`);
}

export async function insertEnrolment(
  tx: Queries,
  enrolment: {
    stableJkt: Thumbprint;
    agentName: string;
    callback: string | undefined;
    createdAt: number;
    expiresAt: number;
  },
): Promise<EnrolmentRow> {
  const id = randomBytes(16).toString('base64url');
  const [row] = await tx
    .insert(enrolments)
    .values({ id, ...enrolment })
    .returning();
  if (!row) throw new Error('an insert returned no row');
  return row;
}

export async function findEnrolment(db: Queries, id: string): Promise<EnrolmentRow | undefined> {
  const [row] = await db.select().from(enrolments).where(eq(enrolments.id, id));
  return row;
}

export async function findPendingByKey(
  tx: Queries,
  stableJkt: Thumbprint,
  now: number,
): Promise<EnrolmentRow | undefined> {
  const [row] = await tx
    .select()
    .from(enrolments)
    .where(and(eq(enrolments.stableJkt, stableJkt), eq(enrolments.status, 'pending'), gt(enrolments.expiresAt, now)));
  return row;
}

/** Pending enrolments, oldest first. */
export async function selectPending(db: Queries, now: number): Promise<EnrolmentRow[]> {
  return db
    .select()
    .from(enrolments)
    .where(and(eq(enrolments.status, 'pending'), gt(enrolments.expiresAt, now)))
    .orderBy(asc(enrolments.createdAt));
}

export async function countPending(tx: Queries, now: number): Promise<number> {
  return countWhere(tx, and(eq(enrolments.status, 'pending'), gt(enrolments.expiresAt, now)));
}

export async function countCreatedAfter(tx: Queries, time: number): Promise<number> {
  return countWhere(tx, gt(enrolments.createdAt, time));
}

async function countWhere(tx: Queries, condition: ReturnType<typeof and>): Promise<number> {
  const [row] = await tx.select({ rows: count() }).from(enrolments).where(condition);
  return row?.rows ?? 0;
}

/** Decides a pending enrolment; undefined when it is not pending any more, or has run out. */
export async function decidePending(
  tx: Queries,
  id: string,
  status: Extract<EnrolmentStatus, 'approved' | 'denied'>,
  now: number,
): Promise<EnrolmentRow | undefined> {
  const [row] = await tx
    .update(enrolments)
    .set({ status, decidedAt: now })
    .where(and(eq(enrolments.id, id), eq(enrolments.status, 'pending'), gt(enrolments.expiresAt, now)))
    .returning();
  return row;
}

export async function setEnrolledAgent(tx: Queries, id: string, agentId: string): Promise<void> {
  await tx.update(enrolments).set({ agentId }).where(eq(enrolments.id, id));
}

/** Expires what has run out undecided. Returns the ids. */
export async function expirePending(tx: Queries, now: number): Promise<string[]> {
  const rows = await tx
    .update(enrolments)
    .set({ status: 'expired', decidedAt: now })
    .where(and(eq(enrolments.status, 'pending'), lte(enrolments.expiresAt, now)))
    .returning({ id: enrolments.id });
  return rows.map((row) => row.id);
}

/** Takes back the approvals of a revoked agent that it has not collected. Returns the ids. */
export async function revokeUncollected(tx: Queries, agentId: string, now: number): Promise<string[]> {
  const rows = await tx
    .update(enrolments)
    .set({ status: 'revoked', decidedAt: now })
    .where(and(eq(enrolments.agentId, agentId), eq(enrolments.status, 'approved'), isNull(enrolments.concludedAt)))
    .returning({ id: enrolments.id });
  return rows.map((row) => row.id);
}

/** Hands out the result of a decided enrolment, once: false when somebody was faster or the status has changed. */
export async function conclude(tx: Queries, id: string, status: EnrolmentStatus, now: number): Promise<boolean> {
  const rows = await tx
    .update(enrolments)
    .set({ concludedAt: now })
    .where(and(eq(enrolments.id, id), eq(enrolments.status, status), isNull(enrolments.concludedAt)))
    .returning({ id: enrolments.id });
  return rows.length === 1;
}

/** Deletes what ended before a time. */
export async function deleteEndedBefore(db: Queries, time: number): Promise<number> {
  const rows = await db.delete(enrolments).where(lt(enrolments.decidedAt, time)).returning({ id: enrolments.id });
  return rows.length;
}
