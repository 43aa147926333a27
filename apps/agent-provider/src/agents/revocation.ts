import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import type { Queries } from '../db/queries.ts';
import { announceEnd } from '../enrolments/announcement.ts';
import { revokeUncollected } from '../enrolments/storage.ts';
import { enqueueEvent } from '../events/outbox.ts';
import type { RevocationDelivery } from '../revocations/delivery.ts';
import type { Recipient } from '../revocations/recipient.ts';
import { insertRevocations } from '../revocations/storage.ts';
import { findAgent, markAgentRevoked } from './storage.ts';

export type RevokeAgent = (agentId: string) => Promise<void>;

/** Seconds. Enough for every recipient that is up; the person does not wait for one that is down. */
const firstDeliveryWait = 2;

/**
 * Ends an agent: it gets no more tokens, also none for an approval it has not collected yet, and whoever would accept those
 * that it has is told to refuse them. Resolves when each recipient has been told, or after two seconds. Revoking it
 * again changes nothing.
 */
export function createRevocation(options: {
  db: Queries;
  now: Clock;
  sleep: Sleep;
  log: Logger;
  recipients: readonly Recipient[];
  delivery: RevocationDelivery;
}): RevokeAgent {
  const { db, now, sleep, log, recipients, delivery } = options;

  return async (agentId) => {
    const claimed = await db.transaction(async (tx) => {
      const revokedAt = now();
      if (!(await markAgentRevoked(tx, agentId, revokedAt))) return undefined;
      for (const id of await revokeUncollected(tx, agentId, revokedAt)) await announceEnd(tx, id);
      await enqueueEvent(tx, { event: 'agent.revoked', subject: agentId, now: revokedAt });
      for (const { identifier: recipient } of recipients) {
        await insertRevocations(tx, { agentId, recipient, now: revokedAt });
      }
      return delivery.claimFirst(tx, agentId);
    });
    if (claimed) {
      log.info({ agent: agentId }, `revoked ${agentId}`);
      currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: 'revoked', [attribute.agent]: agentId });
      await atMost(firstDeliveryWait, delivery.deliver(claimed));
    } else if (!(await findAgent(db, agentId))) {
      throw new RequestError('not_found', `No agent ${agentId} is enrolled here.`, { status: 404 });
    }
  };

  async function atMost(seconds: number, delivered: Promise<void>): Promise<void> {
    const done = new AbortController();
    const told = delivered.catch((error: unknown) => log.error({ err: error }, 'a revocation could not be sent'));
    await Promise.race([told, sleep(seconds, done.signal)]);
    done.abort();
  }
}
