import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import { latestDecisions, type PolicyDecision } from './decision-log.ts';

const longestList = 500;

/** GET /person/decisions: what was decided for the person without asking them. */
export function listDecisions(db: Database) {
  return async (c: AppContext) => {
    const decisions = await latestDecisions(db, currentSession(c).personId, longestList);
    return c.json(decisions.map(shown));
  };
}

function shown(decision: PolicyDecision) {
  return {
    id: decision.id,
    decided_at: decision.decidedAt.toISOString(),
    outcome: decision.outcome,
    reason: decision.reason,
    token_type: decision.tokenType,
    token_jti: decision.jti,
    agent_id: decision.agentId,
    agent_provider: decision.agentProvider,
    on_behalf_of: decision.onBehalfOf,
    resource: decision.resource,
    scope: decision.scope.join(' '),
    justification: decision.justification,
  };
}
