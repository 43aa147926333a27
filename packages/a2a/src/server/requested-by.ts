/** Who asked, as the agents' reports state it. What is not known is null. */
export interface RequestedBy {
  level: string;
  agent: string | null;
  agent_provider: string | null;
  person_server: string | null;
  subject: string | null;
  scope: string[];
}

/** One line for a person to read. */
export function describeRequester(requestedBy: RequestedBy): string {
  const { agent, subject, person_server, scope, level } = requestedBy;
  const who = agent ?? (subject === null ? `a ${level} caller` : `the person ${subject} of ${person_server}`);
  return scope.length > 0 ? `${who} (scope ${scope.join(' ')})` : who;
}
