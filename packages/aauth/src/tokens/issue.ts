import { type Clock, systemClock } from '../clock.ts';
import { SignatureError } from '../errors.ts';
import type { SigningKey } from '../keys/types.ts';
import { signJwt } from './jwt.ts';
import type { TokenType } from './types.ts';

/** What is the same in issuing any token. */
export interface IssuingOptions {
  /** The issuer's key, with the `kid` it is published under. */
  readonly key: SigningKey;
  readonly now?: Clock;
  /** Seconds; each type has its maximum and its default. */
  readonly lifetime?: number;
  /** Default: a random UUID. */
  readonly jti?: string;
}

/** Claims that every issued token has. */
export interface IssuedClaims {
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  /** Seconds since the epoch. */
  readonly exp: number;
}

/** A token that was just issued. */
export interface IssuedToken<Claims> {
  /** The compact JWT. */
  readonly token: string;
  readonly claims: Claims & IssuedClaims;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface Lifetimes {
  /** Seconds. */
  readonly maximum: number;
  /** Seconds. */
  readonly usual: number;
  /** Times that the token may not outlive, in seconds since the epoch. */
  readonly notAfter?: readonly number[];
}

/**
 * Issues a token of the given type: adds `jti`, `iat` and an `exp` that is no later than any of `notAfter`, and signs it.
 *
 * @throws TypeError when `key` has no `kid` or `lifetime` is out of range
 * @throws SignatureError `expired_jwt` when `notAfter` leaves no time: something that this token may not outlive has ended
 */
export async function issueToken<Claims extends object>(
  type: TokenType,
  claims: Claims,
  options: IssuingOptions,
  lifetimes: Lifetimes,
): Promise<IssuedToken<Claims>> {
  const { key, now = systemClock, lifetime = lifetimes.usual, jti = crypto.randomUUID() } = options;
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > lifetimes.maximum) {
    throw new TypeError(`lifetime is a whole number of seconds from 1 to ${lifetimes.maximum}, not ${lifetime}.`);
  }
  if (!key.kid) throw new TypeError('key needs the kid that it is published under.');
  const iat = Math.floor(now());
  const exp = Math.floor(Math.min(iat + lifetime, ...(lifetimes.notAfter ?? [])));
  if (exp <= iat) {
    throw new SignatureError('expired_jwt', 'What the new token may not outlive has expired; present a fresh token.', {
      cause: { notAfter: lifetimes.notAfter, now: iat },
    });
  }
  const complete = { ...claims, jti, iat, exp };
  const token = await signJwt(type, complete, key);
  return { token, claims: complete, jti, issuedAt: iat, expiresAt: exp };
}
