import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import { lt, lte, or } from 'drizzle-orm';
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

export interface MaintenanceOptions {
  db: Database;
  now: Clock;
  signingKeys: SigningKeys;
}

/** Everything that has to happen only because time has passed. Each replica does it; doing it twice changes nothing. */
export function createMaintenance({ db, now, signingKeys }: MaintenanceOptions): () => Promise<void> {
  return async () => {
    const ended = toDate(now() - tokenRetention);
    await db.delete(issuedTokens).where(lt(issuedTokens.expiresAt, ended));
    await db.delete(acceptedAgentTokens).where(lt(acceptedAgentTokens.expiresAt, ended));
    await db.delete(revokedTokens).where(lt(revokedTokens.expiresAt, toDate(now() - revocationRetention)));
    await db.delete(sessions).where(lte(sessions.expiresAt, toDate(now())));
    await expireOverdue(db, now());
    const forgotten = toDate(now() - retention);
    await db.delete(pendingRequests).where(lt(pendingRequests.decidedAt, forgotten));
    await db.delete(consents).where(or(lt(consents.withdrawnAt, forgotten), lt(consents.validUntil, forgotten)));
    await db.delete(activity).where(lt(activity.at, forgotten));
    await signingKeys.purge();
  };
}

/** Runs a task at intervals until it is stopped; one that fails is logged and runs again. */
export function startInterval(task: () => Promise<void>, log: Logger): () => void {
  const timer = setInterval(() => {
    task().catch((error: unknown) => log.error({ err: error }, 'maintenance failed; it runs again'));
  }, intervalMs).unref();
  return () => clearInterval(timer);
}
