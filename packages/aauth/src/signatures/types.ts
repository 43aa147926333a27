import type { ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, PublicJwk, SigningKey, Thumbprint, VerificationKey } from '../keys/types.ts';
import type { MetadataDocument } from '../tokens/types.ts';

/** Header fields by case-insensitive name; repeated lines joined with `, `. A Fetch `Headers` is one. */
export interface HeaderFields {
  get(name: string): string | null;
}

/** The parts of an HTTP request that a signature can cover (RFC 9421 §2.2). */
export interface HttpMessage {
  readonly method: string;
  /** Host and non-default port, lower case (RFC 9421 §2.2.3). */
  readonly authority: string;
  /** Absolute path as sent, `/` when empty (§2.2.6). */
  readonly path: string;
  /** Query with its leading `?`, or empty when there is none (§2.2.7: an absent query signs as `?`). */
  readonly query: string;
  readonly headers: HeaderFields;
}

/** A serialised member value of the `Signature-Key` dictionary, for example `jwt;jwt="…"`. Made by the functions of `signature-key.ts`. */
export interface SignatureKeyValue {
  readonly scheme: SignatureKeyScheme;
  readonly value: string;
}

/** How `Signature-Key` names the key: in a token, at a URL of a server, by a token of the stable key, or as it is (Signature-Key, "Schemes"). */
export type SignatureKeyScheme = (typeof signatureKeySchemes)[number];

/** The names of all schemes. */
export const signatureKeySchemes = ['jwt', 'jwks_uri', 'jkt-jwt', 'hwk'] as const;

/** What a request is signed with, and what the signature covers. */
export interface SignOptions {
  readonly key: SigningKey;
  readonly signatureKey: SignatureKeyValue;
  /** Components to cover beside `@method @authority @path signature-key`, for example `@query`; lower-case names. */
  readonly additionalComponents?: readonly string[];
  /** Bytes of the body. When given, `content-digest` is computed, sent and covered, and `content-type` is covered if present. */
  readonly body?: Uint8Array;
  /** Seconds since the epoch; whole seconds. */
  readonly created: number;
  /** Seconds since the epoch; whole seconds. */
  readonly expires?: number;
  /** Makes this signature another one than that of a request alike (RFC 9421 §2.3); visible ASCII. Default: none. */
  readonly nonce?: string;
  /** Where the digest of the body is computed; WebCrypto by default. */
  readonly keys?: Pick<KeyBackend, 'sha256'>;
}

/** The header fields to add to a request that was signed. */
export interface SignatureHeaders {
  'signature-key': string;
  'signature-input': string;
  signature: string;
  'content-digest'?: string;
}

/** What the `Signature-Key` member established about the sender, by scheme. */
export type KeyIdentity<Token = unknown> =
  | { readonly scheme: 'hwk' }
  | { readonly scheme: 'jwt'; readonly token: Token }
  | {
      readonly scheme: 'jwks_uri';
      readonly server: ServerIdentifier;
      readonly dwk: MetadataDocument;
      readonly kid: string;
    }
  | { readonly scheme: 'jkt-jwt'; readonly stableKey: VerificationKey; readonly jti: string; readonly expires: number };

/** A parsed `Signature-Key` member: its scheme token and string parameters. */
export interface SignatureKeyMember {
  readonly label: string;
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The key that a member names, and who that makes the sender. */
export interface ResolvedKey<Token = unknown> {
  readonly key: VerificationKey;
  readonly identity: KeyIdentity<Token>;
  /**
   * Asked once, when the signature does not hold: the key that the sender publishes by now, if it is another one. Then the
   * signature is checked again with that.
   */
  readonly keyAfterFailure?: () => Promise<VerificationKey | undefined>;
}

/** Turns the member of one scheme into a key. Throws `SignatureError` with the scheme's codes. */
export type SchemeResolver<Token = unknown> = (
  member: SignatureKeyMember,
) => ResolvedKey<Token> | Promise<ResolvedKey<Token>>;

/** The schemes a verifier accepts, looked up by name. */
export type SchemeTable<Token = unknown> = Readonly<Partial<Record<SignatureKeyScheme, SchemeResolver<Token>>>>;

/** A signature that holds. */
export interface VerifiedSignature<Token = unknown> {
  readonly label: string;
  readonly key: VerificationKey;
  /** Thumbprint of the key that signed. */
  readonly jkt: Thumbprint;
  readonly publicJwk: PublicJwk;
  readonly identity: KeyIdentity<Token>;
  /** Covered component names in order. */
  readonly components: readonly string[];
  /** Seconds since the epoch. */
  readonly created: number;
  /** Seconds since the epoch. */
  readonly expires: number | undefined;
  /** The signature base as verified, byte for byte. Contains the `Signature-Key` value, so whole tokens: redact before it leaves the process. */
  readonly base: string;
  /** Raw signature bytes, for the replay cache. */
  readonly signature: Uint8Array;
  /** The SHA-256 that the covered `content-digest` promises; absent when it is not covered. */
  readonly contentDigest: Uint8Array | undefined;
  /** Whether the message has a body: the verifier was given one that is not empty, or told that one follows. */
  readonly hasBody: boolean;
  /** Whether `contentDigest` has been compared with the body here. */
  readonly bodyVerified: boolean;
}
