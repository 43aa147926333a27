import { RequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { AgentProvider } from '../agent-providers/agent-provider.ts';
import type { Binding } from '../agent-providers/wire.ts';
import { type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { tokensByAgent } from '../tokens/records.ts';
import { agentsOf } from './ownership.ts';

export interface AgentsOptions extends CarryOutOptions {
  provider: AgentProvider;
  revocations: Pick<Revocations, 'revokeAgent'>;
}

/** An agent of the person: what its provider has of it, and what is known here. */
export interface OwnAgent extends Binding {
  /** When it was at its provider, or here for a token, whichever was later. */
  readonly last_seen_at: string | null;
  readonly agent_provider: ServerIdentifier;
  /** Person and auth tokens that have neither expired nor been revoked. */
  readonly live_tokens: number;
  /** What it last said of itself. */
  readonly platform: string | null;
  readonly device: string | null;
}

/** The agents that act for the person. */
export interface Agents {
  list(personId: string): Promise<OwnAgent[]>;
  /**
   * Ends what the agent has here at once, then tells its provider, so that it gets no agent token either.
   *
   * @throws RequestError 404 | 409; UnavailableError
   */
  revoke(session: PersonSession, agentId: string): Promise<void>;
}

export function createAgents(options: AgentsOptions): Agents {
  const { db, provider, revocations, now } = options;
  const agentProvider = provider.issuer;

  const list = async (personId: string) => {
    const bindings = await provider.bindings();
    const own = await agentsOf(db, agentProvider, personId);
    const tokens = await tokensByAgent(db, { personId, agentProvider, time: now() });
    return bindings.flatMap((binding): OwnAgent[] => {
      const known = own.get(binding.agent_id);
      if (!known) return [];
      const { platform, device } = known;
      const { live = 0, lastIssuedAt } = tokens.get(binding.agent_id) ?? {};
      const last_seen_at = latest(binding.last_seen_at, lastIssuedAt?.toISOString());
      return [{ ...binding, last_seen_at, agent_provider: agentProvider, live_tokens: live, platform, device }];
    });
  };

  return {
    list,
    revoke: async (session, agentId) => {
      const agent = (await list(session.personId)).find((candidate) => candidate.agent_id === agentId);
      if (!agent) throw new RequestError('not_found', 'None of your agents has this identifier.', { status: 404 });
      if (agent.revoked) throw new RequestError('conflict', 'This agent is revoked already.', { status: 409 });
      const decision = {
        kind: 'agent-revoked',
        agentProvider,
        agentId,
        agentName: agent.agent_name,
      } as const;
      await carryOut(options, session, decision, async () => {
        await revocations.revokeAgent(agentProvider, agentId);
        await provider.revoke(agentId);
      });
    },
  };
}

function latest(...moments: readonly (string | null | undefined)[]): string | null {
  const known = moments.filter((moment) => moment != null);
  return known.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
}
