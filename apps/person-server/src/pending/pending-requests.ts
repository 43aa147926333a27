import { randomBytes } from 'node:crypto';
import type { DeferredOutcome } from '@aauth-stack/aauth/errors';
import { and, count, eq, gt, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { type PendingRequestStatus, pendingRequests } from '../db/schema.ts';
import type { InteractionCodes } from '../interaction/interaction-code.ts';
import { noteRequest } from './note-request.ts';

/** A request that waits, or waited, for the person. */
export type PendingRequest = typeof pendingRequests.$inferSelect;

/** The channel on which replicas hear that something happened to a pending request; the payload is its identifier. */
export const pendingChannel = 'person_server_pending';

/** Wakes the polls that are held for requests, here and at every other replica, when the transaction commits. */
export async function announcePending(tx: Database, ids: readonly string[]): Promise<void> {
  for (const id of ids) await tx.execute(sql`select pg_notify(${pendingChannel}, ${id})`);
}

/** Requests that the person can still decide. */
export function isOpen(time: number): SQL | undefined {
  return and(isNull(pendingRequests.decidedAt), gt(pendingRequests.expiresAt, toDate(time)));
}

export type NewPendingRequest = Omit<typeof pendingRequests.$inferInsert, 'id' | 'codeHash' | 'status'>;

const attempts = 5;

/** Keeps a request under an identifier and a code that no other has. */
export async function insertPending(
  tx: Database,
  codes: InteractionCodes,
  request: NewPendingRequest,
): Promise<PendingRequest> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const id = randomBytes(16).toString('base64url');
    const codeHash = codes.hashOf(codes.codeOf(id));
    if (codeHash === undefined) throw new Error('An interaction code was made that is none.');
    const [row] = await tx
      .insert(pendingRequests)
      .values({ ...request, id, codeHash, status: 'pending' })
      .onConflictDoNothing()
      .returning();
    if (row) return row;
  }
  throw new Error(`No free interaction code in ${attempts} attempts.`);
}

export async function findPending(db: Database, id: string): Promise<PendingRequest | undefined> {
  const [row] = await db.select().from(pendingRequests).where(eq(pendingRequests.id, id));
  return row;
}

export interface AgentRef {
  readonly agentProvider: string;
  readonly agentId: string;
}

export function ofAgent({ agentProvider, agentId }: AgentRef): SQL | undefined {
  return and(eq(pendingRequests.agentProvider, agentProvider), eq(pendingRequests.agentId, agentId));
}

export async function countOpen(tx: Database, agent: AgentRef, time: number): Promise<number> {
  const [row] = await tx
    .select({ total: count() })
    .from(pendingRequests)
    .where(and(ofAgent(agent), isOpen(time)));
  return row?.total ?? 0;
}

/** Ends requests that go on, without a token. Returns their identifiers. */
export async function endPending(
  tx: Database,
  condition: SQL | undefined,
  end: { status: PendingRequestStatus; outcome: DeferredOutcome | null; time: number },
): Promise<string[]> {
  const rows = await tx
    .update(pendingRequests)
    .set({ status: end.status, outcome: end.outcome, decidedAt: toDate(end.time) })
    .where(and(condition, isNull(pendingRequests.decidedAt)))
    .returning();
  // A status without a word of its own says less than the outcome.
  const reason = end.status === 'failed' ? end.outcome : end.status;
  for (const row of rows) await noteRequest(tx, row, { kind: 'consent-ended', at: end.time, reason });
  const ids = rows.map(({ id }) => id);
  await announcePending(tx, ids);
  return ids;
}

/**
 * Ends what has run out: `abandoned` where the person had come, else `expired` (AAuth Protocol, "Polling Error Codes"), as it is when
 * something ended that it rests on.
 */
export async function expireOverdue(db: Database, time: number): Promise<string[]> {
  const now = toDate(time).toISOString();
  const overdue = lte(pendingRequests.expiresAt, toDate(time));
  const restsOnNothingEnded = and(
    sql`coalesce(${pendingRequests.upstreamExpiresAt}, 'infinity') > ${now}`,
    sql`coalesce(${pendingRequests.presentedExpiresAt}, 'infinity') > ${now}`,
  );
  return db.transaction(async (tx) => [
    ...(await endPending(tx, and(overdue, eq(pendingRequests.status, 'interacting'), restsOnNothingEnded), {
      status: 'abandoned',
      outcome: 'abandoned',
      time,
    })),
    ...(await endPending(tx, overdue, { status: 'expired', outcome: 'expired', time })),
  ]);
}

/** Ends, as revoked, requests of which nothing has been collected; none without a condition. Returns their identifiers. */
export async function revokePending(tx: Database, condition: SQL | undefined, time: number): Promise<string[]> {
  if (!condition) return [];
  const uncollected = and(
    isNull(pendingRequests.collectedAt),
    or(isNull(pendingRequests.decidedAt), eq(pendingRequests.status, 'approved')),
  );
  const rows = await tx
    .update(pendingRequests)
    .set({ status: 'revoked', outcome: 'revoked', decidedAt: toDate(time) })
    .where(and(condition, uncollected))
    .returning();
  for (const row of rows) await noteRequest(tx, row, { kind: 'consent-ended', at: time, reason: 'revoked' });
  const ids = rows.map(({ id }) => id);
  await announcePending(tx, ids);
  return ids;
}

/** Notes that the agent was told how its request ended. False when it has been told before. */
export async function collectPending(tx: Database, id: string, time: number): Promise<boolean> {
  const rows = await tx
    .update(pendingRequests)
    .set({ collectedAt: toDate(time) })
    .where(and(eq(pendingRequests.id, id), isNull(pendingRequests.collectedAt)))
    .returning({ id: pendingRequests.id });
  return rows.length > 0;
}

/** Open requests, the newest first. */
export function listOpen(db: Database, condition: SQL | undefined, time: number): Promise<PendingRequest[]> {
  return db
    .select()
    .from(pendingRequests)
    .where(and(condition, isOpen(time)))
    .orderBy(sql`${pendingRequests.createdAt} desc`, pendingRequests.id);
}

export function withIds(ids: readonly string[]): SQL {
  return inArray(pendingRequests.id, [...ids]);
}
