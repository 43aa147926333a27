import { UnavailableError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl } from '@aauth-stack/aauth/identifiers';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { SignInError } from './sign-in-error.ts';
import { ownerOf, type User } from './user.ts';

export interface ProviderOptions {
  /** Of the OpenID Provider; its discovery document is below it. */
  issuer: string;
  /** The client that people sign in with. */
  clientId: string;
  /** Of which one is among a token's audiences. */
  audiences: readonly string[];
  /** Whether the provider may be one on this machine. */
  identifiers: IdentifierPolicy;
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** What a token says that has been verified. */
interface VerifiedBearer {
  readonly user: User;
  /** How long it is still valid, in milliseconds. */
  readonly remainingMs: number;
}

/** Tells whose token it is. @throws SignInError `invalid_token`, or UnavailableError when the provider cannot be asked */
export type VerifyBearer = (token: string) => Promise<VerifiedBearer>;

// Symmetric ones would make the client able to sign, and `none` anybody.
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const discoveryLifetimeMs = 3_600_000;
const timeoutMs = 5_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
const profileSchema = z.object({
  sub: z.string().min(1).max(255),
  azp: z.string().optional(),
  preferred_username: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  exp: z.number(),
});

/**
 * Verifies bearer tokens of an OpenID Provider: its ID tokens for this client, and access tokens that are JWTs (RFC 9068, and those
 * that only look like them). Checks the signature with the provider's published keys, `iss`, `aud`, `exp`, `nbf` and, except in access
 * tokens that say they are one, `azp`.
 */
export function createVerifyBearer(options: ProviderOptions): VerifyBearer {
  const { issuer, clientId, audiences, now } = options;
  let discovered: { keys: Promise<JWTVerifyGetKey>; until: number } | undefined;

  function keys(): Promise<JWTVerifyGetKey> {
    const time = now().getTime();
    if (!discovered || discovered.until <= time) {
      const found = { keys: discover(options), until: time + discoveryLifetimeMs };
      discovered = found;
      found.keys.catch(() => {
        if (discovered === found) discovered = undefined;
      });
    }
    return discovered.keys;
  }

  return async (token) => {
    const { payload, isAccessToken } = await check(token, await keys());
    const profile = profileSchema.safeParse(payload);
    if (!profile.success) throw invalid('The token does not say whose it is.', profile.error);
    const { sub, azp, name, email, preferred_username, exp } = profile.data;
    if (!isAccessToken && azp !== undefined && azp !== clientId)
      throw invalid('The token was issued to another client.');
    const username = preferred_username ?? email ?? sub;
    const user = { owner: ownerOf(issuer, sub), id: sub, username, email: email ?? null, name: name ?? username };
    return { user, remainingMs: Math.max(0, exp * 1000 - now().getTime()) };
  };

  async function check(token: string, key: JWTVerifyGetKey): Promise<{ payload: JWTPayload; isAccessToken: boolean }> {
    try {
      const options = { issuer, audience: [...audiences], algorithms, requiredClaims: ['exp'], currentDate: now() };
      const { payload, protectedHeader } = await jwtVerify(token, key, options);
      const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '') ?? 'jwt';
      if (type !== 'jwt' && type !== 'at+jwt') throw invalid('The token is neither an access token nor an ID token.');
      return { payload, isAccessToken: type === 'at+jwt' };
    } catch (error) {
      throw error instanceof SignInError ? error : toRefusal(error, issuer);
    }
  }
}

async function discover({ issuer, identifiers, fetch }: ProviderOptions): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const getOnce = (input: string, init: RequestInit = {}) => fetch(input, { ...init, redirect: 'error' });
  try {
    const response = await getOnce(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new TypeError(`it answered ${response.status}`);
    const document = discoverySchema.parse(await response.json());
    if (document.issuer !== issuer) throw new TypeError(`it calls itself ${document.issuer}`);
    const implementation: FetchImplementation = getOnce;
    return createRemoteJWKSet(parseEndpointUrl(document.jwks_uri, identifiers), {
      timeoutDuration: timeoutMs,
      [customFetch]: implementation,
    });
  } catch (cause) {
    throw unavailable(issuer, cause);
  }
}

function toRefusal(error: unknown, issuer: string): Error {
  if (error instanceof errors.JWTExpired) return invalid('The token has expired.', error);
  if (error instanceof errors.JWTClaimValidationFailed) return invalid(`The claim ${error.claim} does not fit.`, error);
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('The algorithm of the token is not accepted.', error);
  const isTokens =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  return isTokens ? invalid('The token does not verify.', error) : unavailable(issuer, error);
}

function invalid(detail: string, cause?: unknown): SignInError {
  return new SignInError('invalid_token', detail, cause);
}

function unavailable(issuer: string, cause: unknown): UnavailableError {
  return new UnavailableError(`The OpenID Provider ${issuer} cannot be asked who signed in.`, { cause });
}
