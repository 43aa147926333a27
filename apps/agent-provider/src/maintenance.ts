import type { Clock } from '@aauth-stack/aauth/clock';
import type { StoredReplayCache } from '@aauth-stack/aauth/signatures';
import type { Logger } from '@aauth-stack/service/logger';
import { lt } from 'drizzle-orm';
import type { Queries } from './db/queries.ts';
import { issuedTokens } from './db/schema.ts';
import { expireOverdue } from './enrolments/expiry.ts';
import { deleteEndedBefore } from './enrolments/storage.ts';
import { deleteOldEvents } from './events/outbox.ts';
import type { SigningKeys } from './keys/signing-keys.ts';
import { deleteOldRevocations, expireRevocations } from './revocations/storage.ts';

const day = 86_400;
/** A revocation of a token can still be asked for while a verifier's clock is behind. */
const tokenSkew = 300;
const intervalMs = 30_000;

/** Everything that has to happen only because time has passed. Each replica does it; doing it twice changes nothing. */
export function createMaintenance(options: {
  db: Queries;
  now: Clock;
  log: Logger;
  signingKeys: SigningKeys;
  replay: StoredReplayCache;
}): () => Promise<void> {
  const { db, now, log, signingKeys, replay } = options;
  return async () => {
    const time = now();
    await expireOverdue({ db, now: time, log });
    await deleteEndedBefore(db, time - day);
    await db.delete(issuedTokens).where(lt(issuedTokens.expiresAt, time - tokenSkew));
    for (const { agentId, jti, recipient, error } of await expireRevocations(db, time)) {
      const line = { agent: agentId, jti, recipient, reason: error };
      log.warn(line, `${recipient} never revoked a token of ${agentId}; it has expired now`);
    }
    await deleteOldRevocations(db, time - day);
    await signingKeys.purge();
    await replay.purge();
    const dropped = await deleteOldEvents(db, time - day);
    if (dropped > 0) log.warn({ dropped }, 'gave up on events the Person Server has not taken for a day');
  };
}

/** Runs a task at intervals until it is stopped; one that fails is logged and runs again. */
export function startInterval(task: () => Promise<void>, log: Logger): () => void {
  const timer = setInterval(() => {
    task().catch((error: unknown) => log.error({ err: error }, 'maintenance failed; it runs again'));
  }, intervalMs).unref();
  return () => clearInterval(timer);
}
