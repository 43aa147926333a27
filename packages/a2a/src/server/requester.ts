import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { verificationAttributes } from '@aauth-stack/telemetry';

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

/** The principal as spans carry it. */
export function requesterAttributes(principal: ForwardedPrincipal): Record<string, string | string[]> {
  const { level, scheme, tokenType, agent, personServer, subject, scope, jkt } = principal;
  return verificationAttributes({
    result: 'forwarded',
    level,
    scheme,
    tokenType,
    agent,
    personIssuer: personServer,
    personSubject: subject,
    scope: scope.length > 0 ? scope : undefined,
    jkt,
  });
}

/** Names the owner of a task: an identity where there is one, else the key. An agent's new key sees its old tasks. */
export function ownerOf({ level, agent, agentServer, personServer, subject, jkt }: ForwardedPrincipal): string {
  if (level === 'pseudonymous') return JSON.stringify([level, jkt]);
  return JSON.stringify([level, agentServer, agent, personServer, subject]);
}
