import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { pendingId, unknownRequest } from './pending-id.ts';
import { expireOverdue, findPending, type PendingRequest } from './pending-requests.ts';
import { type SettleOptions, settleByConsent } from './settle-by-consent.ts';

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

/**
 * The request that the path names, as it stands now, for the agent that made it. To any other it is as unknown as one that does not
 * exist: 404.
 */
export async function loadOwnRequest(options: SettleOptions, c: AppContext): Promise<PendingRequest> {
  const { db, now } = options;
  const { issuer, agent } = c.get('agentToken');
  const id = pendingId(c);
  const read = async () => {
    const request = await findPending(db, id);
    if (request?.agentProvider === issuer && request.agentId === agent) return request;
    throw unknownRequest();
  };
  const request = await read();
  if (request.expiresAt.getTime() / 1000 > now()) return settleByConsent(options, request);
  if (request.decidedAt !== null) return request;
  await expireOverdue(db, now());
  return read();
}
