import { RequestError } from '@aauth-stack/aauth/errors';
import type { AgentProvider } from '../agent-providers/agent-provider.ts';
import type { Binding } from '../agent-providers/wire.ts';
import type { Database } from '../db/database.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { agentsOf } from './ownership.ts';

export interface AgentsOptions extends CarryOutOptions {
  db: Database;
  provider: AgentProvider;
  revocations: Pick<Revocations, 'revokeAgent'>;
}

/** The agents that act for the person. */
export interface Agents {
  list(personId: string): Promise<Binding[]>;
  /**
   * Ends what the agent has here at once, then tells its provider, so that it gets no agent token either.
   *
   * @throws RequestError 404 | 409; UnavailableError
   */
  revoke(session: PersonSession, agentId: string): Promise<CarriedOut<void>>;
}

export function createAgents(options: AgentsOptions): Agents {
  const { db, provider, revocations } = options;

  const list = async (personId: string) => {
    const bindings = await provider.bindings();
    const own = await agentsOf(db, provider.issuer, personId);
    return bindings.filter((binding) => own.has(binding.agent_id));
  };

  return {
    list,
    revoke: async (session, agentId) => {
      const agent = (await list(session.personId)).find((candidate) => candidate.agent_id === agentId);
      if (!agent) throw new RequestError('not_found', 'None of your agents has this identifier.', { status: 404 });
      if (agent.revoked) throw new RequestError('conflict', 'This agent is revoked already.', { status: 409 });
      const decision = {
        kind: 'revoke' as const,
        agentProvider: provider.issuer,
        subject: agentId,
        agentName: agent.agent_name,
      };
      return carryOut(options, session, decision, async () => {
        await revocations.revokeAgent(provider.issuer, agentId);
        await provider.revoke(agentId);
      });
    },
  };
}
