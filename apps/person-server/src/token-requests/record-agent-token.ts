import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { acceptedAgentTokens } from '../db/schema.ts';
import type { Step } from '../environment.ts';

/** Keeps whose agent token was accepted, so that its revocation finds what was issued for it (AAuth Protocol, "Token Revocation"). */
export function recordAgentToken(db: Database): Step {
  return async function recordAgentToken(c, next) {
    const { issuer, jti, agent, expiresAt } = c.get('agentToken');
    await db
      .insert(acceptedAgentTokens)
      .values({ issuer, jti, agentId: agent, expiresAt: toDate(expiresAt) })
      .onConflictDoNothing();
    await next();
  };
}
