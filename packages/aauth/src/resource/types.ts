import type { AAuthError } from '../errors.ts';
import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { PublicJwk, Thumbprint } from '../keys/types.ts';
import type { ProblemResponse } from '../problem.ts';
import type { VerifiedSignature } from '../signatures/types.ts';
import type { IssuedResourceToken } from '../tokens/resource-token.ts';
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

/** What a resource asks of those who call it (AAuth Protocol, "Resource Access Modes"), as in its metadata. */
export type AccessMode = 'agent-token' | 'person-token' | 'auth-token';

/** Who can have sent a request that was let in, by what the resource asks for. */
export type PrincipalOf<Access extends AccessMode> = Access extends 'auth-token'
  ? AuthorizedPrincipal
  : Access extends 'person-token'
    ? PersonPrincipal | AuthorizedPrincipal
    : Principal;

/** What somebody who is known was asked for in addition. */
export interface Challenge {
  readonly requirement: 'person-token' | 'auth-token';
  /** What the agent is to exchange at its Person Server; with `auth-token`. The token itself is never logged, its claims may be. */
  readonly resourceToken: IssuedResourceToken | undefined;
  readonly principal: Principal;
  readonly signature: VerifiedSignature<PresentedToken>;
}

/** A refusal, ready to send. */
export interface Refused {
  readonly ok: false;
  readonly error: AAuthError;
  readonly response: ProblemResponse;
  /** Present when the signature holds and the access is what is missing. */
  readonly challenge?: Challenge;
}

/** The outcome of verifying a request: somebody, or a refusal. */
export type Verdict<P extends Principal = Principal> =
  | { readonly ok: true; readonly principal: P; readonly signature: VerifiedSignature<PresentedToken> }
  | Refused;
