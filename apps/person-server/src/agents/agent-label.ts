import type { DescribedResource, ResourceCatalogue } from '../resources/catalogue.ts';

/** What to call an agent of which no name is known: what its identifier says before the `@`. */
export function agentLabel(agentId: string): string;
export function agentLabel(agentId: string | null): string | null;
export function agentLabel(agentId: string | null): string | null {
  return agentId && (/^aauth:([^@]+)@/.exec(agentId)?.[1] ?? agentId);
}

interface NamedAgent {
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly agentProvider: string | null;
  /** Set for an intermediary, which is a resource and its own provider. */
  readonly onBehalfOf: string | null;
}

/** What to call each of some agents: by its name, an intermediary by what it calls itself as a resource, others by their identifier. */
export async function nameAgents(
  catalogue: Pick<ResourceCatalogue, 'known'>,
  agents: readonly NamedAgent[],
): Promise<(agent: NamedAgent) => string | null> {
  const intermediaries = agents.flatMap(({ onBehalfOf, agentProvider }) => (onBehalfOf ? (agentProvider ?? []) : []));
  const known: ReadonlyMap<string, DescribedResource> = await catalogue.known(intermediaries);
  return ({ agentId, agentName, agentProvider, onBehalfOf }) => {
    const asResource = onBehalfOf && agentProvider ? known.get(agentProvider)?.name : undefined;
    return agentName ?? asResource ?? agentLabel(agentId);
  };
}
