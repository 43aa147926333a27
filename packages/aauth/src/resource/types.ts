import type { AAuthError } from '../errors.ts';
import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { PublicJwk, Thumbprint } from '../keys/types.ts';
import type { ProblemResponse } from '../problem.ts';
import type { VerifiedSignature } from '../signatures/types.ts';
import type {
  MetadataDocument,
  PresentedToken,
  VerifiedAgentToken,
  VerifiedAuthToken,
  VerifiedPersonToken,
} from '../tokens/types.ts';

interface PrincipalBase {
  /** Thumbprint of the key that signed the request. */
  readonly jkt: Thumbprint;
  readonly publicJwk: PublicJwk;
}

/** A key and nothing else (scheme `hwk`). */
export interface PseudonymousPrincipal extends PrincipalBase {
  readonly level: 'pseudonymous';
  readonly scheme: 'hwk';
}

/** A server that published the key (scheme `jwks_uri`). */
export interface ServerPrincipal extends PrincipalBase {
  readonly level: 'identified';
  readonly scheme: 'jwks_uri';
  readonly server: ServerIdentifier;
  /** The metadata document that names its keys, and so the role it speaks in. */
  readonly dwk: MetadataDocument;
}

/** An agent known by its agent token. Keyed by `(agentProvider, agent)`. */
export interface AgentPrincipal extends PrincipalBase {
  readonly level: 'identified';
  readonly scheme: 'jwt';
  readonly agent: AgentIdentifier;
  readonly agentProvider: ServerIdentifier;
  readonly token: VerifiedAgentToken;
}

/** A person, known by the directed identifier of their Person Server. */
export interface PersonPrincipal extends PrincipalBase {
  readonly level: 'person';
  readonly scheme: 'jwt';
  readonly personServer: ServerIdentifier;
  readonly subject: string;
  readonly token: VerifiedPersonToken;
}

/** Somebody's agent with granted scopes. */
export interface AuthorizedPrincipal extends PrincipalBase {
  readonly level: 'authorized';
  readonly scheme: 'jwt';
  readonly personServer: ServerIdentifier;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly token: VerifiedAuthToken;
}

/** Who sent a verified request. */
export type Principal =
  | PseudonymousPrincipal
  | ServerPrincipal
  | AgentPrincipal
  | PersonPrincipal
  | AuthorizedPrincipal;

/** The outcome of verifying a request: somebody, or a refusal that is ready to send. */
export type Verdict =
  | { readonly ok: true; readonly principal: Principal; readonly signature: VerifiedSignature<PresentedToken> }
  | { readonly ok: false; readonly error: AAuthError; readonly response: ProblemResponse };
