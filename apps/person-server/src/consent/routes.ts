import type { Clock } from '@aauth-stack/aauth/clock';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { pendingRequests } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import { pendingId, unknownRequest } from '../pending/pending-id.ts';
import { expireOverdue, findPending, listOpen, type PendingRequest } from '../pending/pending-requests.ts';
import { currentSession, type PersonSession } from '../session/person-session.ts';
import type { Decisions } from './decide.ts';
import { type DecisionBody, parseDecision } from './decision-body.ts';
import type { ViewRequest } from './request-view.ts';

export interface ConsentRouteOptions {
  db: Database;
  viewRequest: ViewRequest;
  now: Clock;
}

/** GET /person/requests: what waits for the person. */
export function listRequests({ db, viewRequest, now }: ConsentRouteOptions) {
  return async (c: AppContext) => {
    const requests = await listOpen(db, eq(pendingRequests.personId, currentSession(c).personId), now());
    return c.json(await Promise.all(requests.map(viewRequest)));
  };
}

/** GET /consent/{pending_id} */
export function showRequest({ db, viewRequest, now }: ConsentRouteOptions) {
  return async (c: AppContext) => {
    await expireOverdue(db, now());
    const request = await findPending(db, pendingId(c));
    if (request?.personId !== currentSession(c).personId) throw unknownRequest();
    return c.json(await viewRequest(request));
  };
}

/** POST /consent/{pending_id}/decision */
export function decideRequest(decisions: Decisions, { viewRequest }: ConsentRouteOptions) {
  return async (c: AppContext) => {
    const [session, id, decision] = [currentSession(c), pendingId(c), await parseDecision(c)];
    return c.json(await viewRequest(await carryOut(decisions, session, id, decision)));
  };
}

function carryOut(
  decisions: Decisions,
  session: PersonSession,
  id: string,
  decision: DecisionBody,
): Promise<PendingRequest> {
  if ('clarification_question' in decision) return decisions.askAgent(session, id, decision.clarification_question);
  if (!decision.approved) return decisions.deny(session, id);
  return decisions.approve(session, id, { scopes: decision.scopes, remember: decision.remember ?? false });
}
