export { createDiscovery, type DiscoveryOptions } from './discovery.ts';
export type { Discovery, EgressFetch, EgressResponse, IssuerPin, ServerMetadata } from './types.ts';
