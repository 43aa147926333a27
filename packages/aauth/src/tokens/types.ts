import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { SignatureAlgorithm, Thumbprint, VerificationKey } from '../keys/types.ts';

/** The `typ` of each token of the protocol (AAuth Protocol, "Media Type Registrations"). */
export const tokenTypes = {
  agent: 'aa-agent+jwt',
  person: 'aa-person+jwt',
  resource: 'aa-resource+jwt',
  auth: 'aa-auth+jwt',
} as const;

/** The `typ` of a token. */
export type TokenType = (typeof tokenTypes)[keyof typeof tokenTypes];

/** Well-known metadata documents (`dwk`) by role. */
export const metadataDocuments = {
  agentProvider: 'aauth-agent.json',
  personServer: 'aauth-person.json',
  resource: 'aauth-resource.json',
  accessServer: 'aauth-access.json',
} as const;

/** The name of a metadata document: the `dwk` of a token, and of a server that signs. */
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

/** Members that a person token has and that every token made of it repeats. */
interface PersonContext {
  /** The person as their Person Server knows them towards one resource. Opaque; compare together with the Person Server only. */
  readonly subject: string;
  /** SHA-256 of the mission that the agent acts under, base64url. */
  readonly missionS256: string | undefined;
  /** The organisation that the person belongs to, by the Person Server's word. */
  readonly tenant: string | undefined;
}

/** `aa-person+jwt`: a directed person identifier for one resource. Grants nothing. */
export interface VerifiedPersonToken extends VerifiedTokenBase, PersonContext {
  readonly type: 'aa-person+jwt';
  /** The resource it is for. */
  readonly audience: ServerIdentifier;
  /** The key in `cnf.jwk`, which signs the agent's requests. */
  readonly key: VerificationKey;
}

/** `aa-resource+jwt`: what a resource asks the Person Server for. */
export interface VerifiedResourceToken extends VerifiedTokenBase, PersonContext {
  readonly type: 'aa-resource+jwt';
  /** Who is to issue the auth token: the Person Server, or the resource's Access Server. */
  readonly audience: ServerIdentifier;
  /** Whose namespace `subject` belongs to. */
  readonly personServer: ServerIdentifier;
  /** The `jti` of the person or auth token that was presented to the resource. */
  readonly presentedJti: string;
  /** Thumbprint of the key that signed the request to the resource. */
  readonly agentJkt: Thumbprint;
  readonly scope: readonly string[];
  readonly account: string | undefined;
  /** Where the resource sends the person first. */
  readonly interaction: { readonly url: string; readonly code: string } | undefined;
  readonly loginHint: string | undefined;
}

/** `aa-auth+jwt`: what the person, or the standing policy, granted at one resource. */
export interface VerifiedAuthToken extends VerifiedTokenBase, PersonContext {
  readonly type: 'aa-auth+jwt';
  /** The resource it is for. */
  readonly audience: ServerIdentifier;
  /** Who represents the person; the issuer itself unless that is an Access Server. */
  readonly personServer: ServerIdentifier;
  readonly scope: readonly string[];
  readonly account: string | undefined;
  /** The key in `cnf.jwk`, which signs the agent's requests. */
  readonly key: VerificationKey;
}

/** A verified token that can stand in `Signature-Key` of a request to a resource. */
export type PresentedToken = VerifiedAgentToken | VerifiedPersonToken | VerifiedAuthToken;
