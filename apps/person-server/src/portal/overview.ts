import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { totalChanges } from '../agent-providers/changes.ts';
import type { Binding, Registration } from '../agent-providers/wire.ts';
import type { Agents } from '../agents/agents.ts';
import type { Database } from '../db/database.ts';
import type { Decision, DecisionStore } from '../decisions/decision-store.ts';
import type { Enrolments } from '../enrolments/enrolments.ts';
import type { ProviderLabel } from './views/provider-label.ts';

const decisionsShown = 10;

type AgentLists =
  | { readonly ok: true; readonly pending: readonly Registration[]; readonly agents: readonly Binding[] }
  | { readonly ok: false; readonly error: UnavailableError };

/** What the page shows. */
export interface Overview {
  lists: AgentLists;
  /** The decision that the person just made. */
  notice: Decision | undefined;
  decisions: readonly Decision[];
  /** How many changes the agent providers had reported when the lists were asked for. */
  changes: number;
  provider: ProviderLabel;
}

export interface OverviewOptions {
  db: Database;
  agents: Agents;
  enrolments: Enrolments;
  decisions: DecisionStore;
  agentProvider: ServerIdentifier;
  providerName: () => Promise<string | undefined>;
}

export async function loadOverview(
  { db, agents, enrolments, decisions, agentProvider, providerName }: OverviewOptions,
  personId: string,
  decisionId: string | undefined,
): Promise<Overview> {
  // Read before the lists: a change in between shows up as one more, not as none.
  const changes = await totalChanges(db);
  const [lists, latest, notice, name] = await Promise.all([
    loadLists(agents, enrolments, personId),
    decisions.latest(personId, decisionsShown),
    decisionId === undefined ? undefined : decisions.find(personId, decisionId),
    providerName(),
  ]);
  return { lists, notice, decisions: latest, changes, provider: { issuer: agentProvider, name } };
}

async function loadLists(agents: Agents, enrolments: Enrolments, personId: string): Promise<AgentLists> {
  try {
    const [pending, own] = await Promise.all([enrolments.pending(), agents.list(personId)]);
    return { ok: true, pending: newestFirst(pending), agents: newestFirst(own) };
  } catch (error) {
    if (error instanceof UnavailableError) return { ok: false, error };
    throw error;
  }
}

function newestFirst<T extends { created_at: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}
