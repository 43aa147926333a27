import { parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { AgentProvider } from '../agent-providers/agent-provider.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import type { Agents } from './agents.ts';

/** GET /person/bindings */
export function listBindings(agents: Agents, provider: AgentProvider) {
  return async (c: AppContext) => {
    const bindings = await agents.list(currentSession(c).personId);
    return c.json(bindings.map((binding) => ({ ...binding, agent_provider: provider.issuer })));
  };
}

/** POST /person/bindings/{agent_id}/revoke */
export function revokeBinding(agents: Agents) {
  return async (c: AppContext) => {
    await agents.revoke(currentSession(c), agentId(c));
    return c.json({});
  };
}

export function agentId(c: AppContext): string {
  return parseAgentIdentifier(c.req.param('agent_id')).id;
}
