import type { Logger } from '@aauth-stack/service/logger';
import type { Queries } from '../db/queries.ts';
import { enqueueEvent } from '../events/outbox.ts';
import { announceEnd } from './announcement.ts';
import { expirePending } from './storage.ts';

/** Ends every enrolment nobody has decided in time. Called at intervals, and before an answer depends on it. */
export async function expireOverdue({ db, now, log }: { db: Queries; now: number; log: Logger }): Promise<void> {
  const ids = await db.transaction(async (tx) => {
    const expired = await expirePending(tx, now);
    for (const id of expired) {
      await announceEnd(tx, id);
      await enqueueEvent(tx, { event: 'registration.expired', subject: id, now });
    }
    return expired;
  });
  for (const id of ids) log.info({ enrolment: id }, `enrolment ${id} has expired undecided`);
}
