import { fromBase64url } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { parseServerIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { type IssuedJwt, identifierClaim, type TokenContext } from './profile.ts';
import { parseScope } from './scope.ts';

/** Longest text that a claim about a person, an account or a tenant may be; as OpenID Connect limits `sub` (Core §2). */
const maxTextLength = 255;

/** What a token's own file takes over from the common claims as it is. */
export function commonMembers({ alg, kid, issuer, dwk, jti, issuedAt, expiresAt, claims, compact }: IssuedJwt) {
  return { alg, kid, issuer, dwk, jti, issuedAt, expiresAt, claims, compact };
}

/** `sub`, `mission_s256` and `tenant`: what a person token says, and every token made of it repeats. */
export function personClaims(jwt: IssuedJwt) {
  return {
    subject: subjectClaim(jwt),
    missionS256: optional(jwt, 'mission_s256', missionClaim),
    tenant: optional(jwt, 'tenant', textClaim),
  };
}

/**
 * A claim that names a server; one, not a list of several.
 *
 * @throws {@link SignatureError} `invalid_jwt`
 */
export function serverClaim(jwt: IssuedJwt, name: 'aud' | 'ps', context: TokenContext): ServerIdentifier {
  return identifierClaim(name, () => parseServerIdentifier(jwt.claims[name], context.identifiers));
}

/** `scope` as a list; empty when the claim is absent. */
export function scopeClaim(jwt: IssuedJwt): readonly string[] {
  return (
    optional(jwt, 'scope', () => {
      const scope = parseScope(jwt.claims.scope);
      if (!scope) throw invalid(jwt, 'scope', 'a space-separated string of scope names');
      return scope;
    }) ?? []
  );
}

/** A claim that need not be there. */
export function optional<Value>(
  jwt: IssuedJwt,
  name: string,
  read: (jwt: IssuedJwt, name: string) => Value,
): Value | undefined {
  return jwt.claims[name] === undefined ? undefined : read(jwt, name);
}

/** A claim that is text: 1 to 255 characters. */
export function textClaim(jwt: IssuedJwt, name: string): string {
  const value = jwt.claims[name];
  if (typeof value === 'string' && value !== '' && value.length <= maxTextLength) return value;
  throw invalid(jwt, name, `a string of 1 to ${maxTextLength} characters`);
}

// It is opaque and travels in headers, so it is visible ASCII or it is refused (ours).
function subjectClaim(jwt: IssuedJwt): string {
  const { sub } = jwt.claims;
  if (typeof sub === 'string' && sub.length <= maxTextLength && /^[\x21-\x7e]+$/.test(sub)) return sub;
  throw invalid(jwt, 'sub', `1 to ${maxTextLength} visible ASCII characters`);
}

function missionClaim(jwt: IssuedJwt): string {
  const value = jwt.claims.mission_s256;
  if (typeof value === 'string' && fromBase64url(value)?.length === 32) return value;
  throw invalid(jwt, 'mission_s256', 'a SHA-256 hash in base64url');
}

/** What a claim that cannot stand is refused with. */
export function invalid(jwt: IssuedJwt, name: string, expected: string): SignatureError {
  return new SignatureError('invalid_jwt', `The ${name} of a token of typ ${jwt.type} is ${expected}.`, {
    cause: { claim: name, expected, received: jwt.claims[name] },
  });
}
