import { PolicyError } from '@aauth-stack/aauth/errors';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import type { Handler } from 'hono';
import type { ProviderEnv } from '../checks/env.ts';
import type { Queries } from '../db/queries.ts';
import type { IssueToken } from './issuance.ts';
import { findAgentByStableKey } from './storage.ts';

/** `POST /refresh`: the next agent token of an enrolled agent, for the ephemeral key that signed the request. */
export function refreshHandler({ db, issueToken }: { db: Queries; issueToken: IssueToken }): Handler<ProviderEnv> {
  return async function refresh(c) {
    const proof = c.get('keyProof');
    const agent = await findAgentByStableKey(db, proof.stableJkt);
    if (!agent) {
      throw new PolicyError(
        'denied',
        `No agent is enrolled here with the stable key ${thumbprintUri(proof.stableJkt)}; enrol with POST /register first.`,
      );
    }
    const issued = await db.transaction((tx) => issueToken(tx, agent.agentId, proof));
    return c.json(issued, 200, { 'cache-control': 'no-store' });
  };
}
