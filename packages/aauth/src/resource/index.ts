export { capabilitiesHeader, parseCapabilities } from '../capabilities.ts';
export type { AuthorizationVerdict } from './authorization.ts';
export { type Caller, deferredChallenge, isSameCaller } from './deferred-challenge.ts';
export {
  type ForwardedPrincipal,
  formatForwardedHeaders,
  isForwardedHeader,
  parseForwardedHeaders,
  proxySecretHeader,
} from './forwarded.ts';
export { createHeldCalls, type HeldCall, type HeldCalls, type HeldCallsOptions } from './held-calls.ts';
export { type ResourceMetadata, type ResourceMetadataOptions, resourceMetadata } from './metadata.ts';
export type { CallRequirements, ResourceOptions, ResourceScheme, ResourceScopes } from './options.ts';
export { createResource, type Resource } from './resource.ts';
export {
  createRevocationEndpoint,
  parseRevocationRequest,
  type RevocationEndpointOptions,
  type RevocationRequest,
} from './revocation.ts';
export { createRevocationStore, type Revocation, type RevocationStore } from './revocation-store.ts';
export type {
  AccessMode,
  AgentPrincipal,
  AuthorizedPrincipal,
  Challenge,
  PersonPrincipal,
  Principal,
  PrincipalOf,
  PseudonymousPrincipal,
  Refused,
  ServerPrincipal,
  Verdict,
} from './types.ts';
