import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';

/** Who asked, as the agents' reports state it. What is not known is null. */
export interface RequestedBy {
  level: ForwardedPrincipal['level'];
  agent: string | null;
  /** The agent's provider, or the server itself where a server asked. */
  agent_provider: string | null;
  person_server: string | null;
  subject: string | null;
  scope: string[];
}

/** The principal as a report states it. */
export function toRequestedBy(principal: ForwardedPrincipal): RequestedBy {
  return {
    level: principal.level,
    agent: principal.agent ?? null,
    agent_provider: principal.agentServer ?? null,
    person_server: principal.personServer ?? null,
    subject: principal.subject ?? null,
    scope: [...principal.scope],
  };
}

/** One line for a person to read. */
export function describeRequester({
  level,
  agent,
  agent_provider,
  person_server,
  subject,
  scope,
}: RequestedBy): string {
  const person = subject === null ? null : `person ${subject} of ${person_server}`;
  const who = agent ?? person ?? agent_provider ?? `a ${level} caller`;
  return scope.length > 0 ? `${who} (scope ${scope.join(' ')})` : who;
}

/** Names the owner of a task: an identity where there is one, else the key. An agent's new key sees its old tasks. */
export function ownerOf({ level, agent, agentServer, personServer, subject, jkt }: ForwardedPrincipal): string {
  if (level === 'pseudonymous') return JSON.stringify([level, jkt]);
  return JSON.stringify([level, agentServer, agent, personServer, subject]);
}
