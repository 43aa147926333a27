import { type Clock, systemClock } from '../clock.ts';
import type { Discovery, IssuerPin } from '../discovery/types.ts';
import { AAuthError, SignatureError } from '../errors.ts';
import { agentDomain, type IdentifierPolicy, type ServerIdentifier } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import type { KeyBackend } from '../keys/types.ts';
import { toProblem } from '../problem.ts';
import { formatRequirement } from '../requirement.ts';
import {
  createReplayCache,
  hwkScheme,
  isReplayChecked,
  messageFromRequest,
  type ReplayCache,
  replayExpiry,
  replayId,
  verifyMessage,
} from '../signatures/index.ts';
import type { HttpMessage, SchemeTable, VerifiedSignature } from '../signatures/types.ts';
import type { RevocationCheck } from '../tokens/revoked.ts';
import { type AcceptedServer, jwksUriScheme, jwtScheme } from '../tokens/schemes.ts';
import type { PresentedToken } from '../tokens/types.ts';
import { createTokenVerifier, type VerifiableTokenType } from '../tokens/verify-token.ts';
import { principalOf } from './principal.ts';
import { peekBody } from './request-body.ts';
import { cacheVerifiedTokens } from './token-cache.ts';
import type { Verdict } from './types.ts';

/** The schemes that can stand in `Signature-Key` of a request to a resource. */
export type ResourceScheme = 'jwt' | 'jwks_uri' | 'hwk';

export interface ResourceOptions {
  /** Finds the keys of agent providers and servers. Share one among the resources of a process. */
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /** The resource's own identifier; gives `authority` its default. */
  readonly identifier?: ServerIdentifier;
  /**
   * The host, with its port unless that is the scheme's default, that signatures must have been made for. Default: that of
   * `identifier`; without either, whatever `Host` the client sent, which is right only behind something that has checked it.
   */
  readonly authority?: string;
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  readonly now?: Clock;
  /** Default: `jwt` alone. */
  readonly schemes?: readonly ResourceScheme[];
  /** Accepted token types. Default: agent tokens. */
  readonly tokenTypes?: readonly VerifiableTokenType[];
  /** The agent providers whose agents are let in. Absent: any. */
  readonly agentProviders?: readonly IssuerPin[];
  /** The servers that may sign with `jwks_uri`. Absent: any. */
  readonly servers?: readonly AcceptedServer[];
  /** Components that signatures must cover beside the four that every signature does, for example `@query`. */
  readonly additionalComponents?: readonly string[];
  /** Seconds that `created` may be off. Default 60. */
  readonly window?: number;
  /** Where repeats are recognised. Default: in memory; `false`: not at all, as at a revocation endpoint. */
  readonly replay?: ReplayCache | false;
  /** Refuse a body that is not covered, as PS and AS endpoints do. Default `false`. */
  readonly requireBodyCoverage?: boolean;
  /** What `AAuth-Requirement` asks for in every 401. Default: `agent-token` where `jwt` is accepted; `false`: nothing. */
  readonly requirement?: 'agent-token' | 'person-token' | false;
  /** Whether a presented token has been revoked; asked at every request. */
  readonly revoked?: RevocationCheck;
  /** How many verified tokens are remembered. Default 5,000. */
  readonly maxCachedTokens?: number;
  /** Largest body that `verifyRequest` reads to compare it with its digest, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Told of every verdict, for logs and traces. */
  readonly observe?: (verdict: Verdict) => void;
}

/** Decides who sent a request. */
export interface Resource {
  /**
   * @param message the request, from `httpMessageFromNode`, `messageFromRequest` or anything else that has its parts
   * @param body its bytes; `deferred` when the caller compares them with `signature.contentDigest` while they pass; absent when
   *   there are none
   */
  verify(message: HttpMessage, body?: Uint8Array | 'deferred'): Promise<Verdict>;
  /** The same for a Fetch `Request`, whose body can still be read afterwards. */
  verifyRequest(request: Request): Promise<Verdict>;
}

/**
 * Makes the verifier of a protected resource (AAuth Protocol, "Verification"; protocol.md §2): signature, token, agent provider,
 * replay. Its verdict is a principal, or a refusal that any HTTP server can send as it is: 401 with `Signature-Error`, its
 * companions and `AAuth-Requirement`; 413; 503 with `Retry-After` when an issuer's keys cannot be fetched.
 *
 * Does NOT decide what the principal may do, and does NOT compare a body that no signature covers with anything.
 *
 * Verdicts are for what senders and peers do; whatever else goes wrong is thrown.
 *
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 */
export function createResource(options: ResourceOptions): Resource {
  const { now = systemClock, keys = webCryptoKeys, window = 60, maxBodyBytes = 1024 * 1024 } = options;
  const authority = options.authority?.toLowerCase() ?? (options.identifier && agentDomain(options.identifier));
  const schemes = schemeTable(options, keys, now, window);
  const replay = options.replay ?? createReplayCache({ now });
  const challenge = challengeHeaders(options);

  async function verified(message: HttpMessage, body: Uint8Array | 'deferred' | undefined) {
    const { additionalComponents: requiredComponents, requireBodyCoverage } = options;
    const received = authority === undefined ? message : { ...message, authority };
    const settings = { schemes, requiredComponents, requireBodyCoverage, window, now, keys, body };
    const signature = await verifyMessage(received, settings);
    if (replay) await checkReplay(replay, received, signature, window);
    return signature;
  }

  async function judge(verify: () => Promise<VerifiedSignature<PresentedToken>>): Promise<Verdict> {
    const verdict = await verify().then(
      (signature): Verdict => ({ ok: true, principal: principalOf(signature), signature }),
      (error: unknown): Verdict => {
        if (!(error instanceof AAuthError)) throw error;
        return { ok: false, error, response: toProblem(error, error.status === 401 ? challenge : {}) };
      },
    );
    options.observe?.(verdict);
    return verdict;
  }

  return {
    verify: (message, body) => judge(() => verified(message, body)),
    verifyRequest: (request) =>
      judge(async () => verified(messageFromRequest(request), await peekBody(request, maxBodyBytes))),
  };
}

function schemeTable(
  options: ResourceOptions,
  keys: KeyBackend,
  now: Clock,
  window: number,
): SchemeTable<PresentedToken> {
  const { discovery, identifiers, agentProviders, revoked, tokenTypes: accepts, maxCachedTokens = 5000 } = options;
  const resolvers: Required<Pick<SchemeTable<PresentedToken>, ResourceScheme>> = {
    jwt: jwtScheme({
      verifyToken: cacheVerifiedTokens(
        createTokenVerifier({
          discovery,
          identifiers,
          keys,
          now,
          accepts,
          audience: options.identifier,
          agentProviders,
          window,
          revoked,
        }),
        { now, maxEntries: maxCachedTokens, revoked },
      ),
    }),
    jwks_uri: jwksUriScheme({ discovery, identifiers, accepted: options.servers }),
    hwk: hwkScheme({ keys }),
  };
  return Object.fromEntries(acceptedSchemes(options).map((scheme) => [scheme, resolvers[scheme]]));
}

function acceptedSchemes(options: ResourceOptions): readonly ResourceScheme[] {
  return options.schemes ?? ['jwt'];
}

function challengeHeaders(options: ResourceOptions): Record<string, string> {
  const requirement = options.requirement ?? (acceptedSchemes(options).includes('jwt') && 'agent-token');
  return requirement ? { 'aauth-requirement': formatRequirement({ requirement }) } : {};
}

async function checkReplay(
  replay: ReplayCache,
  message: HttpMessage,
  signature: VerifiedSignature<PresentedToken>,
  window: number,
): Promise<void> {
  if (!isReplayChecked(message, signature)) return;
  if (await replay.claim(replayId(signature), replayExpiry(signature, window))) return;
  throw new SignatureError('invalid_signature', 'The request has been received before; sign it again.');
}
