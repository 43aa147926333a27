import { RevokedTokenError } from '@aauth-stack/aauth/tokens';
import { agentOf } from '../agents/ownership.ts';
import type { Database } from '../db/database.ts';
import type { Step } from '../environment.ts';

/** An agent that the person has revoked gets nothing, whatever agent token it still holds. 401 `revoked_jwt`. */
export function checkAgent(db: Database): Step {
  return async function checkAgent(c, next) {
    const agentToken = c.get('agentToken');
    const agent = await agentOf(db, agentToken.issuer, agentToken.agent);
    if (agent?.revokedAt) throw new RevokedTokenError(agentToken);
    c.set('knownAgent', agent);
    await next();
  };
}
