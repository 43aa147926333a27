import { type Clock, systemClock } from '../clock.ts';
import { SignatureError } from '../errors.ts';
import { agentDomain } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import {
  createReplayCache,
  hwkScheme,
  isReplayChecked,
  type ReplayCache,
  replayCaller,
  replayExpiry,
  replayId,
  verifyMessage,
} from '../signatures/index.ts';
import type { HttpMessage, SchemeTable, VerifiedSignature } from '../signatures/types.ts';
import { jwksUriScheme, jwtScheme } from '../tokens/schemes.ts';
import { type PresentedToken, tokenTypes } from '../tokens/types.ts';
import { createTokenRecheck, createTokenVerifier, type VerifiableTokenType } from '../tokens/verify-token.ts';
import type { ResourceOptions, ResourceScheme } from './options.ts';
import { cacheVerifiedTokens } from './token-cache.ts';

/** Verifies signature and token of a request, and that it is no repeat. */
export type Authenticate = (
  message: HttpMessage,
  body: Uint8Array | 'deferred' | undefined,
) => Promise<VerifiedSignature<PresentedToken>>;

/** Which tokens are looked at, if the options say nothing else. */
export function acceptedTokenTypes({
  access,
  tokenTypes: configured,
}: ResourceOptions): readonly VerifiableTokenType[] {
  if (configured) return configured;
  const { agent, person, auth } = tokenTypes;
  return access === undefined || access === 'agent-token' ? [agent] : [agent, person, auth];
}

export function acceptedSchemes(options: ResourceOptions): readonly ResourceScheme[] {
  return options.schemes ?? ['jwt'];
}

/**
 * Makes the part of a resource that finds out who signed. It throws what `verifyMessage` and `createTokenVerifier` throw, and
 * `invalid_signature` for a repeat.
 */
export function createAuthenticate(options: ResourceOptions): Authenticate {
  const { now = systemClock, keys = webCryptoKeys, window = 60, requireBodyCoverage } = options;
  const names = authorities(options);
  const schemes = schemeTable(options, now);
  const replay = options.replay ?? createReplayCache({ now });
  const requiredComponents = options.additionalComponents;

  return async function authenticate(message, body) {
    const authority = names.find((name) => name === message.authority) ?? names[0] ?? message.authority;
    const received = authority === message.authority ? message : { ...message, authority };
    const settings = { schemes, requiredComponents, requireBodyCoverage, window, now, keys, body };
    const signature = await verifyMessage(received, settings);
    if (replay && isReplayChecked(received, signature)) await checkReplay(replay, signature, window);
    return signature;
  };
}

function authorities({ authority, identifier }: ResourceOptions): readonly string[] {
  if (authority === undefined) return identifier === undefined ? [] : [agentDomain(identifier)];
  const names = [authority].flat().map((name) => name.toLowerCase());
  // An empty list would let requests made for any host in.
  if (names.length === 0) throw new TypeError('authority names no host.');
  return names;
}

function schemeTable(options: ResourceOptions, now: Clock): SchemeTable<PresentedToken> {
  const { discovery, identifiers, keys = webCryptoKeys, revoked, maxCachedTokens = 5000 } = options;
  const { agentProviders, personServers, accessServer, identifier: audience, window } = options;
  const accepts = acceptedTokenTypes(options);
  if (audience === undefined && accepts.some((type) => type !== tokenTypes.agent)) {
    throw new TypeError('identifier is needed where person or auth tokens are accepted: it is their aud.');
  }
  const issuers = { agentProviders, personServers, accessServer };
  const verifier = { discovery, identifiers, keys, now, window, accepts, audience, revoked, ...issuers };
  const verifyToken = cacheVerifiedTokens(createTokenVerifier(verifier), {
    now,
    maxEntries: maxCachedTokens,
    recheck: createTokenRecheck(verifier),
  });
  const resolvers: Required<Pick<SchemeTable<PresentedToken>, ResourceScheme>> = {
    jwt: jwtScheme({ verifyToken }),
    jwks_uri: jwksUriScheme({ discovery, identifiers, accepted: options.servers }),
    hwk: hwkScheme({ keys }),
  };
  return Object.fromEntries(acceptedSchemes(options).map((scheme) => [scheme, resolvers[scheme]]));
}

async function checkReplay(
  replay: ReplayCache,
  signature: VerifiedSignature<PresentedToken>,
  window: number,
): Promise<void> {
  if (await replay.claim(replayId(signature), replayExpiry(signature, window), replayCaller(signature))) return;
  throw new SignatureError('invalid_signature', 'The request has been received before; sign it again.');
}
