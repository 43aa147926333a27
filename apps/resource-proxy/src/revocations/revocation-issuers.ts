import { type AcceptedServer, metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { ResourceConfig } from '../configuration/resource-config.ts';

/** Who may take back tokens at a resource: the servers that its configuration names as issuers, each its own tokens. */
export function revocationIssuers({
  agentServers = [],
  personServers = [],
}: Pick<ResourceConfig, 'agentServers' | 'personServers'>): readonly AcceptedServer[] {
  return [
    ...agentServers.map((pin) => ({ ...pin, dwk: metadataDocuments.agentProvider })),
    ...personServers.map((pin) => ({ ...pin, dwk: metadataDocuments.personServer })),
  ];
}
