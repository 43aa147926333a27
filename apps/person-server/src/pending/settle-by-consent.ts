import type { Clock } from '@aauth-stack/aauth/clock';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, eq } from 'drizzle-orm';
import { findConsent, noteConsentUse } from '../consent/consents.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { pendingRequests } from '../db/schema.ts';
import { noteRequest } from './note-request.ts';
import { findPending, isOpen, type PendingRequest } from './pending-requests.ts';

export interface SettleOptions {
  db: Database;
  identifiers: IdentifierPolicy;
  now: Clock;
}

/**
 * Grants a request that waits on what the person has meanwhile agreed to on another request of the same agent. So nobody is asked
 * twice about an agent that started anew while they decided: what they allow once then counts for whichever of its requests the
 * agent still comes for.
 */
export async function settleByConsent(
  { db, identifiers, now }: SettleOptions,
  request: PendingRequest,
): Promise<PendingRequest> {
  const { id, personId, reason, mayBeRemembered, interactionState } = request;
  if (request.decidedAt !== null || personId === null || reason === 'agent-asks' || interactionState === 'needed') {
    return request;
  }
  const time = now();
  const question = {
    type: request.type,
    resource: parseServerIdentifier(request.resource, identifiers),
    scope: request.scope,
    account: request.account ?? undefined,
    agent: { provider: parseServerIdentifier(request.agentProvider, identifiers), id: request.agentId },
  };
  const consent = await findConsent(db, question, personId, { time, remembered: mayBeRemembered });
  if (!consent) return request;
  // The same key: both requests are waited for, and the person was asked about each.
  if (consent.once && (await findPending(db, consent.pendingId))?.jkt === request.jkt) return request;
  return db.transaction(async (tx) => {
    const use = { once: consent.once, time, until: time };
    const stillOpen = and(eq(pendingRequests.id, id), isOpen(time));
    const [open] = await tx.select().from(pendingRequests).where(stillOpen).for('update');
    if (!open || !(await noteConsentUse(tx, consent.id, use))) return request;
    const [approved] = await tx
      .update(pendingRequests)
      .set({
        status: 'approved',
        decidedAt: toDate(time),
        grantedScope: [...consent.scope],
        remembered: consent.reason === 'remembered-consent',
        consentId: consent.id,
      })
      .where(eq(pendingRequests.id, id))
      .returning();
    if (approved) {
      const detail = 'What the person agreed to before answers it.';
      await noteRequest(tx, approved, {
        kind: 'consent-approved',
        at: time,
        scope: consent.scope,
        reason: consent.reason,
        detail,
      });
    }
    return approved ?? request;
  });
}
