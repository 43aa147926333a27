import { sql } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';

/** The channel on which replicas hear that an enrolment is not pending any more. */
export const enrolmentEndedChannel = 'agent_provider_enrolment_ended';

/** Wakes the polls that are held for an enrolment, here and at every other replica, when the transaction commits. */
export async function announceEnd(tx: Queries, enrolmentId: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${enrolmentEndedChannel}, ${enrolmentId})`);
}
