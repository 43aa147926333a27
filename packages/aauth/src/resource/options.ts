import type { Clock } from '../clock.ts';
import type { Discovery, IssuerPin } from '../discovery/types.ts';
import type { IdentifierPolicy, ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, SigningKey } from '../keys/types.ts';
import type { ReplayCache } from '../signatures/index.ts';
import type { AcceptedIssuers } from '../tokens/issuers.ts';
import type { RevocationCheck } from '../tokens/revoked.ts';
import type { AcceptedServers } from '../tokens/schemes.ts';
import type { VerifiableTokenType } from '../tokens/verify-token.ts';
import type { AccessMode, AuthorizedPrincipal, PersonPrincipal, Verdict } from './types.ts';

/** The schemes that can stand in `Signature-Key` of a request to a resource. */
export type ResourceScheme = 'jwt' | 'jwks_uri' | 'hwk';

/** What a resource can ask the person for. */
export interface ResourceScopes {
  /** The resource's own scopes with what they mean, in Markdown: `scope_descriptions` of its metadata. */
  readonly descriptions: Readonly<Record<string, string>>;
  /** What a challenge asks for where the call needs nothing in particular. Default: nothing, so the person decides. */
  readonly defaults?: readonly string[];
  /** Identity scopes it may ask for (`openid`, `email`, …) where the Person Server declares them in its `scopes_supported`. */
  readonly identity?: readonly string[];
}

/** What a resource is called, whom it trusts and what it asks of those who call it. */
export interface ResourceOptions<Access extends AccessMode = AccessMode> {
  /** Finds the keys of agent providers and servers. Share one among the resources of a process. */
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /** The resource's own identifier; gives `authority` its default. Needed where person or auth tokens are accepted: their `aud`. */
  readonly identifier?: ServerIdentifier;
  /**
   * The host, with its port unless that is the scheme's default, that signatures must have been made for; of several the one that
   * the request was sent to, the first if it was sent to none of them. Default: that of `identifier`; without either, whatever
   * `Host` the client sent, which is right only behind something that has checked it.
   */
  readonly authority?: string | readonly string[];
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  readonly now?: Clock;
  /** What callers must present, at least. Default `agent-token`: whoever signs with an accepted scheme and token is let in. */
  readonly access?: Access;
  /** Default: `jwt` alone. */
  readonly schemes?: readonly ResourceScheme[];
  /**
   * Token types that are looked at. Default: agent tokens; with another `access` also person and auth tokens, where an agent
   * token gets the answer that a person token is needed.
   */
  readonly tokenTypes?: readonly VerifiableTokenType[];
  /** The agent providers whose agents are let in. Absent: any. */
  readonly agentProviders?: AcceptedIssuers;
  /** The Person Servers whose people are let in. Absent: any. */
  readonly personServers?: AcceptedIssuers;
  /** The resource's Access Server: the audience of its resource tokens, and the only one whose auth tokens count. */
  readonly accessServer?: IssuerPin;
  /** Signs resource tokens; with the `kid` that the resource's JWKS publishes. Needed with `access: 'auth-token'`. */
  readonly signingKey?: SigningKey;
  readonly scopes?: ResourceScopes;
  /** Whether the person holds an account at this resource, asked at the authorization endpoint. Default: there are no accounts. */
  readonly accounts?: (account: string, principal: PersonPrincipal | AuthorizedPrincipal) => boolean | Promise<boolean>;
  /** The servers that may sign with `jwks_uri`. Absent: any. */
  readonly servers?: AcceptedServers;
  /** Components that signatures must cover beside the four that every signature does, for example `@query`. */
  readonly additionalComponents?: readonly string[];
  /** Seconds that `created` may be off. Default 60. */
  readonly window?: number;
  /** Where repeats are recognised. Default: in memory; `false`: not at all, as at a revocation endpoint. */
  readonly replay?: ReplayCache | false;
  /** Refuse a body that is not covered, as PS and AS endpoints do. Default `false`. */
  readonly requireBodyCoverage?: boolean;
  /**
   * What `AAuth-Requirement` asks for in a 401 for a signature or token that does not hold. Default: `agent-token` or, with
   * another `access`, `person-token`, where `jwt` is accepted; `false`: nothing.
   */
  readonly requirement?: 'agent-token' | 'person-token' | false;
  /** Whether a presented token has been revoked; asked at every request. */
  readonly revoked?: RevocationCheck;
  /** How many verified tokens are remembered. Default 5,000. */
  readonly maxCachedTokens?: number;
  /** Largest body that is read to compare it with its digest, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Told of every verdict, for logs and traces. */
  readonly observe?: (verdict: Verdict) => void;
}

/** What one call needs beyond what the resource asks of every call. */
export interface CallRequirements {
  /** Scopes that the auth token must grant; with any of them nothing less than an auth token is let in. */
  readonly requiredScopes?: readonly string[];
}
