import type { Clock } from '../clock.ts';
import { SignatureError } from '../errors.ts';
import { parsePublicJwk } from '../keys/jwk.ts';
import { requiredMembers, thumbprintUri } from '../keys/thumbprint.ts';
import type { KeyBackend, PublicJwk, SigningKey, VerificationKey } from '../keys/types.ts';
import { isRecord, type ParsedJwt, parseJwt, signJwt } from '../tokens/jwt.ts';
import type { SchemeResolver } from './types.ts';

const jktJwtType = 'jkt-s256+jwt';
const defaultLifetime = 300;
const window = 60;

/**
 * Makes the token with which a stable key vouches for the ephemeral one that signs requests (Signature-Key, "JKT JWT").
 * Throws what `stableKey.sign` throws.
 *
 * @param options.lifetime seconds until it expires; default 300
 * @param options.stableKey what makes the agent the same one after a restart; signs the token
 * @param options.ephemeralKey the key that is to sign requests
 * @param options.now tells `iat`
 * @returns a compact JWS for `jktJwtSignatureKey`
 */
export async function createJktJwt(options: {
  readonly stableKey: SigningKey;
  readonly ephemeralKey: PublicJwk;
  readonly now: Clock;
  readonly lifetime?: number;
}): Promise<string> {
  const { stableKey, ephemeralKey, now, lifetime = defaultLifetime } = options;
  const issuedAt = Math.floor(now());
  const claims = {
    iss: thumbprintUri(stableKey.thumbprint),
    iat: issuedAt,
    exp: issuedAt + lifetime,
    jti: crypto.randomUUID(),
    cnf: { jwk: bareJwk(ephemeralKey) },
  };
  return signJwt(jktJwtType, claims, stableKey, { kid: undefined, jwk: bareJwk(stableKey.publicJwk) });
}

/**
 * The resolver of scheme `jkt-jwt`: the JWT is signed by the stable key in its header, and the key in its `cnf.jwk` signs the
 * request, so that possession of both is proved. Computes the thumbprint itself. Anybody can make such a token: it says who
 * is back, not who it is.
 *
 * The resolver throws SignatureError `invalid_jwt` for a token that is malformed, of another `typ`, not signed by its `jwk` or
 * not named after it; `unsupported_algorithm` | `invalid_key` for either key; `expired_jwt` at `exp`, without leeway;
 * `clock_skew` when `iat` is more than 60 s ahead.
 * Signature-Key, "JKT JWT".
 *
 * @param options.keys makes both keys ready to verify with
 * @param options.now the time by which the token is judged
 * @returns the resolver, for a scheme table
 */
export function jktJwtScheme({ keys, now }: { readonly keys: KeyBackend; readonly now: Clock }): SchemeResolver<never> {
  return async ({ parameters }) => {
    const compact = parameters.get('jwt');
    if (compact === undefined) throw new SignatureError('invalid_jwt', 'The scheme jkt-jwt has no parameter "jwt".');
    const jwt = parseJwt(compact, [jktJwtType]);
    const stableKey = await keys.verificationKey(parsePublicJwk(jwt.header.jwk));
    await checkSelfIssued(jwt, stableKey);
    const { jti, expires } = checkClaims(jwt.claims, now());
    const cnf = jwt.claims.cnf;
    if (!isRecord(cnf)) throw new SignatureError('invalid_jwt', 'The jkt-jwt has no "cnf".');
    const key = await keys.verificationKey(parsePublicJwk(cnf.jwk));
    return { key, identity: { scheme: 'jkt-jwt', stableKey, jti, expires } };
  };
}

async function checkSelfIssued(jwt: ParsedJwt, stableKey: VerificationKey): Promise<void> {
  if (jwt.alg !== stableKey.alg) {
    throw new SignatureError('invalid_jwt', `The jkt-jwt has alg "${jwt.alg}", its key "${stableKey.alg}".`);
  }
  const expected = thumbprintUri(stableKey.thumbprint);
  if (jwt.claims.iss !== expected) {
    throw new SignatureError(
      'invalid_jwt',
      'The "iss" of the jkt-jwt is not the thumbprint of the key in its header.',
      {
        cause: { expected, received: jwt.claims.iss },
      },
    );
  }
  if (await stableKey.verify(jwt.signature, jwt.signingInput)) return;
  throw new SignatureError('invalid_jwt', 'The jkt-jwt is not signed by the key in its header.');
}

function checkClaims(claims: ParsedJwt['claims'], now: number): { jti: string; expires: number } {
  const { iat, exp, jti } = claims;
  if (!isTime(iat) || !isTime(exp)) {
    throw new SignatureError('invalid_jwt', 'The jkt-jwt has no "iat" and "exp" in seconds.');
  }
  if (typeof jti !== 'string' || jti === '') throw new SignatureError('invalid_jwt', 'The jkt-jwt has no "jti".');
  if (exp <= now) throw new SignatureError('expired_jwt', 'The jkt-jwt has expired.', { cause: { exp, now } });
  if (iat > now + window) {
    throw new SignatureError('clock_skew', `The jkt-jwt was issued ${(iat - now).toFixed()} s ahead of us.`, {
      cause: { iat, now },
    });
  }
  return { jti, expires: exp };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function bareJwk(jwk: PublicJwk): Readonly<Record<string, string>> {
  return { ...requiredMembers(jwk), alg: jwk.alg };
}
