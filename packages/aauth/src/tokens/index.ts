export {
  type AgentTokenClaims,
  type AgentTokenOptions,
  type IssuedAgentToken,
  issueAgentToken,
} from './agent-token.ts';
export { type AuthTokenClaims, type AuthTokenOptions, type IssuedAuthToken, issueAuthToken } from './auth-token.ts';
export { readBodyToken } from './body-token.ts';
export type { IssuedClaims, IssuedToken, IssuingOptions } from './issue.ts';
export type { AcceptedIssuers } from './issuers.ts';
export { type DecodedToken, decodeTokenForDisplay } from './jwt.ts';
export {
  type IssuedPersonToken,
  issuePersonToken,
  type PersonTokenClaims,
  type PersonTokenOptions,
} from './person-token.ts';
export {
  type IssuedResourceToken,
  issueResourceToken,
  type ResourceTokenClaims,
  type ResourceTokenOptions,
} from './resource-token.ts';
export { type RevocationCheck, RevokedTokenError } from './revoked.ts';
export {
  type AcceptedServer,
  type AcceptedServers,
  type JwksUriSchemeOptions,
  jwksUriScheme,
  jwtScheme,
} from './schemes.ts';
export { formatScope, parseScope } from './scope.ts';
export {
  type MetadataDocument,
  metadataDocuments,
  type PresentedToken,
  type TokenType,
  tokenTypes,
  type VerifiedAgentToken,
  type VerifiedAuthToken,
  type VerifiedPersonToken,
  type VerifiedResourceToken,
} from './types.ts';
export {
  createResourceTokenVerifier,
  type ResourceTokenVerifier,
  type ResourceTokenVerifierOptions,
} from './verify-resource-token.ts';
export {
  createTokenVerifier,
  type TokenOfType,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiableTokenType,
} from './verify-token.ts';
