/** What to call an agent of which no name is known: what its identifier says before the `@`. */
export function agentLabel(agentId: string): string;
export function agentLabel(agentId: string | null): string | null;
export function agentLabel(agentId: string | null): string | null {
  return agentId && (/^aauth:([^@]+)@/.exec(agentId)?.[1] ?? agentId);
}
