export {
  type AgentTokenClaims,
  type AgentTokenOptions,
  type IssuedAgentToken,
  issueAgentToken,
} from './agent-token.ts';
export { type DecodedToken, decodeTokenForDisplay } from './jwt.ts';
export { type AcceptedServer, type JwksUriSchemeOptions, jwksUriScheme, jwtScheme } from './schemes.ts';
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
  createTokenVerifier,
  type RevocationCheck,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiableTokenType,
} from './verify-token.ts';
