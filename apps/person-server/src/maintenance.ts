import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import { lt, lte, or, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Database } from './db/database.ts';
import { toDate } from './db/dates.ts';
import {
  acceptedAgentTokens,
  activity,
  consents,
  issuedTokens,
  pendingRequests,
  revokedTokens,
  sessions,
} from './db/schema.ts';
import type { SigningKeys } from './keys/signing-keys.ts';
import { expireOverdue } from './pending/pending-requests.ts';

/** A resource token may name a token that expired while it was on its way, and clocks differ. Seconds. */
const tokenRetention = 600;
/** A clock that was ahead for a while has taken no revocation with it. Seconds. */
const revocationRetention = 86_400;
/** What has ended is kept this long for the person to look up. Seconds. */
const retention = 30 * 86_400;
const intervalMs = 30_000;
/** Rows that are deleted at a time: nobody waits for long, however many have ended at once. */
const batchSize = 5_000;

export interface MaintenanceOptions {
  db: Database;
  now: Clock;
  signingKeys: SigningKeys;
}

/** Everything that has to happen only because time has passed. Each replica does it; doing it twice changes nothing. */
export function createMaintenance({ db, now, signingKeys }: MaintenanceOptions): () => Promise<void> {
  return async () => {
    const ended = toDate(now() - tokenRetention);
    await deleteUntil(db, issuedTokens.expiresAt, ended);
    await deleteUntil(db, acceptedAgentTokens.expiresAt, ended);
    await deleteUntil(db, revokedTokens.expiresAt, toDate(now() - revocationRetention));
    await deleteUntil(db, sessions.expiresAt, toDate(now()));
    await expireOverdue(db, now());
    const forgotten = toDate(now() - retention);
    await deleteUntil(db, pendingRequests.decidedAt, forgotten);
    await db.delete(consents).where(or(lt(consents.withdrawnAt, forgotten), lt(consents.validUntil, forgotten)));
    await deleteUntil(db, activity.at, forgotten);
    await signingKeys.purge();
  };
}

/**
 * Deletes the rows of a table that an indexed column says ended by a moment: the oldest first, in steps, each a transaction of its own.
 * Rows that another replica is deleting are left to it.
 */
async function deleteUntil(db: Database, column: PgColumn, moment: Date): Promise<void> {
  const { table } = column;
  let deleted: number;
  do {
    ({ length: deleted } = await db.execute(sql`
      delete from ${table} where ctid = any(array(
        select ctid from ${table} where ${lte(column, moment)} order by ${column} limit ${batchSize} for update skip locked
      )) returning true`));
  } while (deleted === batchSize);
}

/** Runs a task at intervals until it is stopped; one that fails is logged and runs again, one that takes longer is waited for. */
export function startInterval(task: () => Promise<void>, log: Logger): () => void {
  let underWay = false;
  const run = async () => {
    if (underWay) return;
    underWay = true;
    try {
      await task();
    } catch (error) {
      log.error({ err: error }, 'maintenance failed; it runs again');
    } finally {
      underWay = false;
    }
  };
  const timer = setInterval(() => void run(), intervalMs).unref();
  return () => clearInterval(timer);
}
