import type { Clock } from '@aauth-stack/aauth/clock';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { totalChanges } from '../agent-providers/changes.ts';
import type { Trust, TrustedProvider } from '../agent-providers/trust.ts';
import type { Binding, Registration } from '../agent-providers/wire.ts';
import type { Agents } from '../agents/agents.ts';
import { latestDecisions, type PolicyDecision } from '../consent/decision-log.ts';
import type { ConsentPolicy } from '../consent/policy.ts';
import type { Database } from '../db/database.ts';
import type { Decision, DecisionStore } from '../decisions/decision-store.ts';
import type { Enrolments } from '../enrolments/enrolments.ts';
import { countValidTokens, type ListedToken, listTokens } from '../tokens/records.ts';
import type { ProviderLabel } from './views/provider-label.ts';

const decisionsShown = 10;
const policyDecisionsShown = 20;
const tokensShown = 50;

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
  tokens: readonly ListedToken[];
  /** How many of all the person's tokens are valid, shown or not. */
  validTokens: number;
  policy: ConsentPolicy;
  policyDecisions: readonly PolicyDecision[];
  trusted: readonly TrustedProvider[];
}

export interface OverviewOptions {
  db: Database;
  agents: Agents;
  enrolments: Enrolments;
  decisions: DecisionStore;
  agentProvider: ServerIdentifier;
  providerName: () => Promise<string | undefined>;
  trust: Trust;
  policy: ConsentPolicy;
  now: Clock;
}

export async function loadOverview(
  { db, agents, enrolments, decisions, agentProvider, providerName, trust, policy, now }: OverviewOptions,
  personId: string,
  decisionId: string | undefined,
): Promise<Overview> {
  // Read before the lists: a change in between shows up as one more, not as none.
  const changes = await totalChanges(db);
  const [lists, latest, notice, name, tokens, validTokens, policyDecisions, trusted] = await Promise.all([
    loadLists(agents, enrolments, personId),
    decisions.latest(personId, decisionsShown),
    decisionId === undefined ? undefined : decisions.find(personId, decisionId),
    providerName(),
    listTokens(db, { personId, time: now(), limit: tokensShown }),
    countValidTokens(db, personId, now()),
    latestDecisions(db, personId, policyDecisionsShown),
    trust.added(),
  ]);
  const provider = { issuer: agentProvider, name };
  return {
    lists,
    notice,
    decisions: latest,
    changes,
    provider,
    tokens,
    validTokens,
    policy,
    policyDecisions,
    trusted,
  };
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
