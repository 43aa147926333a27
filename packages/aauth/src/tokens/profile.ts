import { type AAuthError, IdentifierError, SignatureError } from '../errors.ts';
import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend } from '../keys/types.ts';
import type { ParsedJwt } from './jwt.ts';
import type { MetadataDocument, Verified, VerifiedTokenBase } from './types.ts';

/** What checking a token needs to know about here and now. */
export interface TokenContext {
  /** Seconds since the epoch. */
  readonly time: number;
  /** Seconds that `iat` may be ahead of us. */
  readonly window: number;
  readonly identifiers: IdentifierPolicy;
  readonly keys: Pick<KeyBackend, 'verificationKey'>;
}

/** A token as its type's own rules leave it: complete, and still without the mark that only the verifier gives. */
export type Unmarked<Token extends Verified> = Token extends Verified ? Omit<Token, keyof Verified> : never;

/** The rules of one token type. Each type's file exports one; `verify-token.ts` runs them. */
export interface TokenProfile<Token extends VerifiedTokenBase> {
  readonly type: Token['type'];
  /** The values of `dwk` that fit this type. */
  readonly documents: readonly MetadataDocument[];
  /** Longest `exp − iat`, in seconds. */
  readonly maxLifetime: number;
  /** Reads the claims that only this type has, from a token whose common claims and signature hold. */
  complete(jwt: IssuedJwt, context: TokenContext): Promise<Unmarked<Token>>;
}

/** A JWT whose common claims hold. Its signature may still be anything. */
export interface IssuedJwt extends ParsedJwt {
  readonly kid: string;
  readonly issuer: ServerIdentifier;
  readonly dwk: MetadataDocument;
  readonly jti: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Checks what every AAuth token has: `kid`, `iss`, `dwk`, `jti`, `iat`, `exp`.
 *
 * @throws {@link SignatureError} `invalid_jwt`, `expired_jwt` (no leeway), `clock_skew` (`iat` ahead by more than the window)
 */
export function checkCommonClaims(
  jwt: ParsedJwt,
  profile: Pick<TokenProfile<VerifiedTokenBase>, 'documents' | 'maxLifetime'>,
  context: TokenContext,
): IssuedJwt {
  const kid = stringMember(jwt.header, 'kid');
  const dwk = profile.documents.find((document) => document === jwt.claims.dwk);
  if (!dwk) {
    throw new SignatureError('invalid_jwt', `A token of typ ${jwt.type} has dwk ${profile.documents.join(' or ')}.`, {
      cause: { claim: 'dwk', expected: profile.documents, received: jwt.claims.dwk },
    });
  }
  const issuer = identifierClaim('iss', () => parseServerIdentifier(jwt.claims.iss, context.identifiers));
  const jti = stringMember(jwt.claims, 'jti');
  const issuedAt = timeClaim(jwt.claims, 'iat');
  const expiresAt = timeClaim(jwt.claims, 'exp');
  checkTimes(issuedAt, expiresAt, profile.maxLifetime, context);
  return { ...jwt, kid, issuer, dwk, jti, issuedAt, expiresAt };
}

function checkTimes(issuedAt: number, expiresAt: number, maxLifetime: number, context: TokenContext): void {
  const cause = { iat: issuedAt, exp: expiresAt, now: context.time };
  if (expiresAt <= context.time) {
    throw new SignatureError('expired_jwt', 'The token has expired; present a fresh one.', { cause });
  }
  if (issuedAt > context.time + context.window) {
    throw new SignatureError(
      'clock_skew',
      `The token was issued ${Math.round(issuedAt - context.time)} seconds in the future by the clock here.`,
      { cause },
    );
  }
  if (expiresAt <= issuedAt)
    throw new SignatureError('invalid_jwt', 'The token expires before it is issued.', { cause });
  if (expiresAt - issuedAt > maxLifetime) {
    throw new SignatureError(
      'invalid_jwt',
      `The token is valid for ${expiresAt - issuedAt} seconds; its type allows ${maxLifetime}.`,
      { cause },
    );
  }
}

/** @throws {@link SignatureError} `invalid_jwt` unless the member is a string with something in it */
export function stringMember(object: Readonly<Record<string, unknown>>, name: string): string {
  const value = object[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new SignatureError('invalid_jwt', `The token has no ${name} that is a non-empty string.`, {
    cause: { claim: name, received: value },
  });
}

// RFC 7519 §2, NumericDate: fractions are allowed, a string is not a number.
function timeClaim(claims: Readonly<Record<string, unknown>>, name: string): number {
  const value = claims[name];
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new SignatureError('invalid_jwt', `The token has no ${name} that is a number of seconds since the epoch.`, {
    cause: { claim: name, received: value },
  });
}

/**
 * Runs the parser of an identifier that a token claims: what would be a wrong request elsewhere is a wrong token here.
 *
 * @throws {@link SignatureError} `invalid_jwt`
 */
export function identifierClaim<Value>(name: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw invalidClaim(name, error);
  }
}

function invalidClaim(name: string, error: AAuthError): SignatureError {
  return new SignatureError('invalid_jwt', `The token's ${name} is refused. ${error.message}`, { cause: error });
}
