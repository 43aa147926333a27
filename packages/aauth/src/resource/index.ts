export {
  type ForwardedPrincipal,
  formatForwardedHeaders,
  isForwardedHeader,
  parseForwardedHeaders,
  proxySecretHeader,
} from './forwarded.ts';
export { createResource, type Resource, type ResourceOptions, type ResourceScheme } from './resource.ts';
export type {
  AgentPrincipal,
  AuthorizedPrincipal,
  PersonPrincipal,
  Principal,
  PseudonymousPrincipal,
  ServerPrincipal,
  Verdict,
} from './types.ts';
