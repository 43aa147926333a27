import { type Clock, systemClock } from '../clock.ts';
import type { Discovery } from '../discovery/types.ts';
import { SignatureError } from '../errors.ts';
import type { IdentifierPolicy, ServerIdentifier } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import type { KeyBackend, VerificationKey } from '../keys/types.ts';
import { isPending, type MaybePromise } from '../maybe-promise.ts';
import type { IssuerLookup } from './issuers.ts';
import { parseJwt } from './jwt.ts';
import { checkCommonClaims, type IssuedJwt, type TokenContext, type TokenProfile, type Unmarked } from './profile.ts';
import type { TokenType, VerifiedTokenBase } from './types.ts';

/** What verifying any token takes. */
export interface VerificationOptions {
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  readonly now?: Clock;
  /** Seconds that `iat` may be ahead of the clock. Default 60. */
  readonly window?: number;
}

/**
 * Runs the checks that all tokens share, in this order: `typ`, `alg`, the common claims, the issuer, the signature with the key
 * that the issuer publishes (asking it once more where that fails), the claims of the type.
 *
 * @param types the types that are accepted
 * @param profiles their rules
 * @param lookupFor who may issue this token
 * @throws {@link SignatureError} and `UnavailableError`, see `createTokenVerifier`
 */
export async function verifyIssuedToken<Type extends TokenType, Token extends VerifiedTokenBase>(
  compact: string,
  types: readonly Type[],
  profiles: Readonly<Record<Type, TokenProfile<Token>>>,
  lookupFor: (jwt: IssuedJwt) => IssuerLookup,
  options: Omit<VerificationOptions, 'keys'> & { readonly keys?: Pick<KeyBackend, 'verificationKey'> },
): Promise<Token> {
  const { identifiers, discovery, now = systemClock, keys = webCryptoKeys, window = 60 } = options;
  const context: TokenContext = { time: now(), window, identifiers, keys };
  const parsed = parseJwt(compact, types);
  const profile = profiles[parsed.type];
  const jwt = checkCommonClaims(parsed, profile, context);
  const accepting = acceptedIssuer(jwt, lookupFor(jwt));
  const { jwksUri } = isPending(accepting) ? await accepting : accepting;
  await checkSignature(jwt, discovery, jwksUri);
  const completing = profile.complete(jwt, context);
  return mark(isPending(completing) ? await completing : completing);
}

/** @throws {@link SignatureError} `invalid_jwt` when the token's issuer is not accepted */
export function acceptedIssuer(
  token: { readonly type: string; readonly issuer: ServerIdentifier },
  lookup: IssuerLookup,
): MaybePromise<AcceptedIssuer> {
  const found = lookup(token.issuer);
  return isPending(found) ? found.then((issuer) => accepted(token, issuer)) : accepted(token, found);
}

interface AcceptedIssuer {
  readonly jwksUri?: string;
}

function accepted(
  token: { readonly type: string; readonly issuer: ServerIdentifier },
  issuer: AcceptedIssuer | undefined,
): AcceptedIssuer {
  if (issuer) return issuer;
  throw new SignatureError('invalid_jwt', `Tokens of typ ${token.type} by ${token.issuer} are not accepted here.`, {
    cause: { claim: 'iss', received: token.issuer },
  });
}

// The only place where a token gets the mark of `Verified`.
function mark<Token extends VerifiedTokenBase>(token: Unmarked<Token> | Token): Token {
  Object.freeze(token);
  return token as Token;
}

async function checkSignature(jwt: IssuedJwt, discovery: Discovery, jwksUri: string | undefined): Promise<void> {
  const key = await discovery.key(jwt.issuer, jwt.dwk, jwt.kid, jwksUri);
  const first = holds(jwt, key);
  if (first === true || (await first)) return;
  const republished = await discovery.keyAfterFailure(jwt.issuer, jwt.dwk, jwt.kid, key, jwksUri);
  if (republished && (await holds(jwt, republished))) return;
  throw new SignatureError('invalid_jwt', `The token's signature is not by key "${jwt.kid}" of ${jwt.issuer}.`, {
    cause: { alg: { expected: (republished ?? key).alg, received: jwt.alg } },
  });
}

function holds(jwt: IssuedJwt, key: VerificationKey): MaybePromise<boolean> {
  return key.alg === jwt.alg && key.verify(jwt.signature, jwt.signingInput);
}
