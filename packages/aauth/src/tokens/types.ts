import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { SignatureAlgorithm, Thumbprint, VerificationKey } from '../keys/types.ts';

export const tokenTypes = {
  agent: 'aa-agent+jwt',
  person: 'aa-person+jwt',
  resource: 'aa-resource+jwt',
  auth: 'aa-auth+jwt',
} as const;

export type TokenType = (typeof tokenTypes)[keyof typeof tokenTypes];

/** Well-known metadata documents (`dwk`) by role. */
export const metadataDocuments = {
  agentProvider: 'aauth-agent.json',
  personServer: 'aauth-person.json',
  resource: 'aauth-resource.json',
  accessServer: 'aauth-access.json',
} as const;

export type MetadataDocument = (typeof metadataDocuments)[keyof typeof metadataDocuments];

declare const verified: unique symbol;

/** Marks what only verification can produce; the symbol is never exported. */
export interface Verified {
  readonly [verified]: true;
}

/** Members common to every verified token. `claims` holds the whole payload, unknown claims included. */
export interface VerifiedTokenBase extends Verified {
  readonly type: TokenType;
  readonly alg: SignatureAlgorithm;
  readonly kid: string;
  readonly issuer: ServerIdentifier;
  readonly dwk: MetadataDocument;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch; no leeway. */
  readonly expiresAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The token itself. Never logged, never put on a span. */
  readonly compact: string;
}

/** `aa-agent+jwt`: names the agent and binds its key. */
export interface VerifiedAgentToken extends VerifiedTokenBase {
  readonly type: 'aa-agent+jwt';
  readonly agent: AgentIdentifier;
  readonly personServer: ServerIdentifier | undefined;
  readonly parentAgent: AgentIdentifier | undefined;
  /** The key in `cnf.jwk`, which signs the agent's requests. */
  readonly key: VerificationKey;
}

/** `aa-person+jwt`: a directed person identifier for one resource. */
export interface VerifiedPersonToken extends VerifiedTokenBase {
  readonly type: 'aa-person+jwt';
  readonly audience: ServerIdentifier;
  readonly subject: string;
  readonly key: VerificationKey;
}

/** `aa-resource+jwt`: what a resource asks the Person Server for. */
export interface VerifiedResourceToken extends VerifiedTokenBase {
  readonly type: 'aa-resource+jwt';
  readonly audience: ServerIdentifier;
  readonly subject: string;
  readonly personServer: ServerIdentifier;
  readonly presentedJti: string;
  readonly agentJkt: Thumbprint;
  readonly scope: readonly string[];
}

/** `aa-auth+jwt`: what the person, or the standing policy, granted at one resource. */
export interface VerifiedAuthToken extends VerifiedTokenBase {
  readonly type: 'aa-auth+jwt';
  readonly audience: ServerIdentifier;
  readonly subject: string;
  readonly personServer: ServerIdentifier;
  readonly scope: readonly string[];
  readonly key: VerificationKey;
}

/** A verified token that can stand in `Signature-Key` of a request to a resource. */
export type PresentedToken = VerifiedAgentToken | VerifiedPersonToken | VerifiedAuthToken;
