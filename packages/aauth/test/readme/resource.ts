import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { createResource } from '@aauth-stack/aauth/resource';

// For development: admits http://*.localhost:port next to https://host.
const identifiers = { allowLoopback: process.env.NODE_ENV !== 'production' };

export function createInventory(self: string, agentProvider: string) {
  return createResource({
    identifier: parseServerIdentifier(self, identifiers),
    agentProviders: [{ issuer: parseServerIdentifier(agentProvider, identifiers) }],
    additionalComponents: ['@query', 'content-type', 'content-digest'],
    discovery: createDiscovery({ fetch: createEgressFetch(identifiers), keys: nodeKeys, identifiers }),
    keys: nodeKeys,
    identifiers,
  });
}
