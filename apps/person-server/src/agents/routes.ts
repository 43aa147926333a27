import { parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import type { Agents, OwnAgent } from './agents.ts';

/** GET /person/bindings */
export function listBindings(agents: Agents) {
  return async (c: AppContext) => c.json((await agents.list(currentSession(c).personId)).toSorted(newestFirst));
}

function newestFirst(a: OwnAgent, b: OwnAgent): number {
  return Date.parse(b.created_at) - Date.parse(a.created_at);
}

/** POST /person/bindings/{agent_id}/revoke */
export function revokeBinding(agents: Agents) {
  return async (c: AppContext) => {
    await agents.revoke(currentSession(c), agentId(c));
    return c.json({});
  };
}

function agentId(c: AppContext): string {
  return parseAgentIdentifier(c.req.param('agent_id')).id;
}
