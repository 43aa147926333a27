import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { pendingId, unknownRequest } from './pending-id.ts';
import { expireOverdue, findPending, type PendingRequest } from './pending-requests.ts';

/**
 * Admits whoever is its own agent provider to its own request: the upstream token that admitted it to the first one is not sent
 * again.
 */
export function admitRequester(db: Database) {
  return async (issuer: ServerIdentifier, c: AppContext): Promise<boolean> => {
    const request = await findPending(db, pendingId(c));
    return request?.agentProvider === issuer;
  };
}

/** The request that the path names, for the agent that made it. To any other it is as unknown as one that does not exist: 404. */
export async function loadOwnRequest(
  { db, now }: { db: Database; now: Clock },
  c: AppContext,
): Promise<PendingRequest> {
  const { issuer, agent } = c.get('agentToken');
  const id = pendingId(c);
  const read = async () => {
    const request = await findPending(db, id);
    if (request?.agentProvider === issuer && request.agentId === agent) return request;
    throw unknownRequest();
  };
  const request = await read();
  if (request.decidedAt !== null || request.expiresAt.getTime() / 1000 > now()) return request;
  await expireOverdue(db, now());
  return read();
}
