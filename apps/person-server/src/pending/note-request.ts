import { type NewActivity, recordActivity } from '../activity/record.ts';
import type { Database } from '../db/database.ts';
import { recordUse } from '../resources/uses.ts';
import type { PendingRequest } from './pending-requests.ts';

export type RequestNote = Pick<NewActivity, 'kind' | 'at' | 'scope' | 'via' | 'reason' | 'justification' | 'detail'>;

/** Keeps what happened to a request in the activity of the person whose it is; of a request that is nobody's yet, nothing. */
export async function noteRequest(tx: Database, request: PendingRequest, note: RequestNote): Promise<void> {
  const { id, personId, type, agentProvider, agentId, resource, scope, onBehalfOf } = request;
  if (personId === null) return;
  const about = { agentProvider, agentId, resource, scope, onBehalfOf, tokenType: type, pendingId: id };
  await recordActivity(tx, { ...about, personId, ...note });
}

/** Keeps that somebody was asked whose request it becomes now. Of the requests of a person's own agents it is kept when they come. */
export async function noteFirstSeen(
  tx: Database,
  request: PendingRequest,
  { personId, time }: { personId: string; time: number },
): Promise<void> {
  if (request.personId !== null) return;
  const { resource, agentProvider, agentId, reason, justification, createdAt } = request;
  await recordUse(tx, { personId, resource, agentProvider, agentId, time, granted: false });
  const asked = { kind: 'consent-asked', at: createdAt.getTime() / 1000, reason, justification } as const;
  await noteRequest(tx, { ...request, personId }, asked);
}
