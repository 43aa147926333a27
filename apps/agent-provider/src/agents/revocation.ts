import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import type { Queries } from '../db/queries.ts';
import { announceEnd } from '../enrolments/announcement.ts';
import { revokeUncollected } from '../enrolments/storage.ts';
import { enqueueEvent } from '../events/outbox.ts';
import { findAgent, markAgentRevoked } from './storage.ts';

export type RevokeAgent = (agentId: string) => Promise<void>;

/**
 * Ends an agent: it gets no more tokens, also none for an approval it has not collected yet. Revoking it again changes
 * nothing.
 */
export function createRevocation({ db, now, log }: { db: Queries; now: Clock; log: Logger }): RevokeAgent {
  return async (agentId) => {
    const revoked = await db.transaction(async (tx) => {
      const revokedAt = now();
      if (!(await markAgentRevoked(tx, agentId, revokedAt))) return false;
      for (const id of await revokeUncollected(tx, agentId, revokedAt)) await announceEnd(tx, id);
      await enqueueEvent(tx, { event: 'agent.revoked', subject: agentId, now: revokedAt });
      return true;
    });
    if (revoked) {
      log.info({ agent: agentId }, `revoked ${agentId}`);
      currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: 'revoked', [attribute.agent]: agentId });
    } else if (!(await findAgent(db, agentId))) {
      throw new RequestError('not_found', `No agent ${agentId} is enrolled here.`, { status: 404 });
    }
  };
}
