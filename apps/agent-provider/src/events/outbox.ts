import { and, asc, gt, inArray, lt, lte, min, sql } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';
import { outbox } from '../db/schema.ts';

/** What the Person Server is told of; it asks for the details itself. */
type EventName =
  | 'registration.created'
  | 'registration.approved'
  | 'registration.denied'
  | 'registration.expired'
  | 'agent.revoked';

export interface OutboxEvent {
  id: number;
  event: string;
  subject: string;
  attempts: number;
}

/** The channel on which replicas hear that an event is due. */
export const outboxChannel = 'agent_provider_outbox';

/** Adds an event to the transaction of the change it tells of, so that neither exists without the other. */
export async function enqueueEvent(
  tx: Queries,
  { event, subject, now }: { event: EventName; subject: string; now: number },
): Promise<void> {
  await tx.insert(outbox).values({ event, subject, createdAt: now, nextAttemptAt: now });
  await tx.execute(sql`select pg_notify(${outboxChannel}, '')`);
}

/**
 * Takes the oldest events if they are due: what has come since waits for them, so that all arrive in order. They are due
 * again after `lease` seconds, so that another replica sends them when this one dies, and not before.
 */
export async function claimDueEvents(
  db: Queries,
  { now, lease, limit }: { now: number; lease: number; limit: number },
): Promise<OutboxEvent[]> {
  const firstNotDue = db
    .select({ id: min(outbox.id) })
    .from(outbox)
    .where(gt(outbox.nextAttemptAt, now));
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(lte(outbox.nextAttemptAt, now), sql`${outbox.id} < coalesce((${firstNotDue}), 'Infinity'::float8)`))
    .orderBy(asc(outbox.id))
    .limit(limit)
    .for('update');
  const rows = await db
    .update(outbox)
    .set({ attempts: sql`${outbox.attempts} + 1`, nextAttemptAt: now + lease })
    .where(inArray(outbox.id, due))
    .returning({ id: outbox.id, event: outbox.event, subject: outbox.subject, attempts: outbox.attempts });
  return rows.sort((a, b) => a.id - b.id);
}

/** When the oldest event is due, in seconds since the epoch; undefined when none is left. */
export async function nextDueTime(db: Queries): Promise<number | undefined> {
  const [row] = await db.select({ at: outbox.nextAttemptAt }).from(outbox).orderBy(asc(outbox.id)).limit(1);
  return row?.at;
}

export async function deleteEvents(db: Queries, ids: number[]): Promise<void> {
  if (ids.length > 0) await db.delete(outbox).where(inArray(outbox.id, ids));
}

export async function postponeEvents(db: Queries, ids: number[], until: number): Promise<void> {
  if (ids.length > 0) await db.update(outbox).set({ nextAttemptAt: until }).where(inArray(outbox.id, ids));
}

/** Drops events that could not be delivered since `before`: the Person Server lists everything when it is back. */
export async function deleteOldEvents(db: Queries, before: number): Promise<number> {
  const rows = await db.delete(outbox).where(lt(outbox.createdAt, before)).returning({ id: outbox.id });
  return rows.length;
}
