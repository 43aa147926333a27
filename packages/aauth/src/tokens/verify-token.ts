import { type Clock, systemClock } from '../clock.ts';
import type { Discovery, IssuerPin } from '../discovery/types.ts';
import { SignatureError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import type { KeyBackend, VerificationKey } from '../keys/types.ts';
import { agentTokenProfile } from './agent-token.ts';
import { parseJwt } from './jwt.ts';
import { checkCommonClaims, type IssuedJwt, type TokenContext, type TokenProfile, type Unmarked } from './profile.ts';
import type { PresentedToken, TokenType, VerifiedTokenBase } from './types.ts';

/** The rules by `typ`. */
const profiles = {
  [agentTokenProfile.type]: agentTokenProfile,
} satisfies Partial<Record<TokenType, TokenProfile<PresentedToken>>>;

/** The token types that can be verified. */
export type VerifiableTokenType = keyof typeof profiles;

/** Verifies a compact token; what it returns can come from nowhere else. */
export type TokenVerifier = (compact: string) => Promise<PresentedToken>;

/** Whether a token has been revoked, by `(iss, jti)` (protocol.md §7). Asked each time the token is presented. */
export type RevocationCheck = (
  token: Pick<VerifiedTokenBase, 'issuer' | 'jti' | 'type' | 'expiresAt'>,
) => boolean | Promise<boolean>;

export interface TokenVerifierOptions {
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  readonly now?: Clock;
  /** Accepted values of `typ`. Default: agent tokens. */
  readonly accepts?: readonly VerifiableTokenType[];
  /** The agent providers whose agent tokens are accepted. Absent: any; empty: none. */
  readonly agentProviders?: readonly IssuerPin[];
  /** Seconds that `iat` may be ahead of the clock. Default 60. */
  readonly window?: number;
  readonly revoked?: RevocationCheck;
}

/**
 * Makes a verifier of tokens (protocol.md §3): `typ` first, then `alg`, the common claims, the issuer, the signature with the
 * key that the issuer publishes (asking it once more where that fails), then the claims of the type, then revocation.
 * Does NOT check that the presenter holds the key in `cnf`: that is the request's signature.
 *
 * The verifier throws {@link SignatureError} `invalid_jwt`, `expired_jwt`, `clock_skew`, `unsupported_algorithm`, `invalid_key`,
 * `unknown_key`, `issuer_missing`, `issuer_mismatch` or `revoked_jwt`, and `UnavailableError` when the issuer's keys cannot
 * be fetched.
 *
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { discovery, identifiers, revoked, now = systemClock, keys = webCryptoKeys, window = 60 } = options;
  const accepts = options.accepts ?? [agentTokenProfile.type];
  const issuerPins = pinsByIssuer(options.agentProviders, identifiers);

  return async function verifyToken(compact) {
    const context: TokenContext = { time: now(), window, identifiers, keys };
    const parsed = parseJwt(compact, accepts);
    const profile = profileOf(parsed.type);
    const jwt = checkCommonClaims(parsed, profile, context);
    if (issuerPins && !issuerPins.has(jwt.issuer)) {
      throw new SignatureError('invalid_jwt', `Tokens of ${jwt.issuer} are not accepted here.`, {
        cause: { claim: 'iss', expected: [...issuerPins.keys()], received: jwt.issuer },
      });
    }
    await checkSignature(jwt, discovery, issuerPins?.get(jwt.issuer));
    const token = mark(await profile.complete(jwt, context));
    await checkNotRevoked(token, revoked);
    return token;
  };
}

/** @throws {@link SignatureError} `revoked_jwt` */
export async function checkNotRevoked(token: PresentedToken, revoked: RevocationCheck | undefined): Promise<void> {
  if (await revoked?.(token)) {
    throw new SignatureError('revoked_jwt', 'The token has been revoked; do not present it again.', {
      cause: { iss: token.issuer, jti: token.jti },
    });
  }
}

function profileOf(type: string): TokenProfile<PresentedToken> {
  const profile = Object.values(profiles).find((candidate) => candidate.type === type);
  if (!profile) throw new TypeError(`accepts names ${type}, which no profile describes.`);
  return profile;
}

// The only place where a token gets the mark of `Verified`.
function mark(token: Unmarked<PresentedToken>): PresentedToken {
  return Object.freeze(token) as PresentedToken;
}

async function checkSignature(jwt: IssuedJwt, discovery: Discovery, jwksUri: string | undefined): Promise<void> {
  const key = await discovery.key(jwt.issuer, jwt.dwk, jwt.kid, jwksUri);
  if (await holds(jwt, key)) return;
  const republished = await discovery.keyAfterFailure(jwt.issuer, jwt.dwk, jwt.kid, key, jwksUri);
  if (republished && (await holds(jwt, republished))) return;
  throw new SignatureError('invalid_jwt', `The token's signature is not by key "${jwt.kid}" of ${jwt.issuer}.`, {
    cause: { alg: { expected: (republished ?? key).alg, received: jwt.alg } },
  });
}

async function holds(jwt: IssuedJwt, key: VerificationKey): Promise<boolean> {
  return key.alg === jwt.alg && (await key.verify(jwt.signature, jwt.signingInput));
}

function pinsByIssuer(
  pins: readonly IssuerPin[] | undefined,
  identifiers: IdentifierPolicy,
): ReadonlyMap<ServerIdentifier, string | undefined> | undefined {
  return (
    pins && new Map(pins.map(({ issuer, jwksUri }) => [issuer, jwksUri && parseEndpointUrl(jwksUri, identifiers).href]))
  );
}
