import type { ServerIdentifier } from '../identifiers.ts';
import { toPublicJwk } from '../keys/index.ts';
import type { PublicJwk } from '../keys/types.ts';
import { commonMembers, invalid, personClaims, serverClaim } from './claims.ts';
import { confirmationKey } from './confirmation.ts';
import { type IssuedToken, type IssuingOptions, issueToken } from './issue.ts';
import type { TokenProfile } from './profile.ts';
import { metadataDocuments, tokenTypes, type VerifiedPersonToken } from './types.ts';

/** Person tokens live at most an hour (AAuth Protocol, "Person Token Structure"). */
const maxLifetime = 60 * 60;

/** Which person a person token names, and to which resource. */
export interface PersonTokenOptions extends IssuingOptions {
  /** The Person Server. */
  readonly issuer: ServerIdentifier;
  /** The resource that the token identifies the person to. */
  readonly audience: ServerIdentifier;
  /** The person, directed at that resource. */
  readonly subject: string;
  /** The public key that signs the agent's requests. */
  readonly cnf: PublicJwk;
  /** `exp` of what the token may not outlive: the agent token, the upstream token, the mission. */
  readonly notAfter: readonly number[];
  readonly missionS256?: string;
  readonly tenant?: string;
}

/** The payload of an `aa-person+jwt`, beside `jti`, `iat` and `exp`. */
export interface PersonTokenClaims {
  readonly iss: ServerIdentifier;
  readonly dwk: typeof metadataDocuments.personServer;
  readonly aud: ServerIdentifier;
  readonly sub: string;
  readonly cnf: { readonly jwk: PublicJwk };
  readonly mission_s256?: string;
  readonly tenant?: string;
}

/** A signed person token with its claims. */
export type IssuedPersonToken = IssuedToken<PersonTokenClaims>;

/**
 * Issues a person token (AAuth Protocol, "Person Token Structure"). `lifetime` is at most and by default 3,600 seconds. Does not
 * decide whether the agent may act for the person: the Person Server has done that.
 *
 * @param options whom the token is about and for, and the key that signs it
 * @returns the token with its claims
 * @throws TypeError when `key` has no `kid` or `lifetime` is out of range
 * @throws SignatureError `expired_jwt` when `notAfter` leaves no time
 */
export async function issuePersonToken(options: PersonTokenOptions): Promise<IssuedPersonToken> {
  const { issuer, audience, subject, cnf, notAfter, missionS256, tenant } = options;
  const claims: PersonTokenClaims = {
    iss: issuer,
    dwk: metadataDocuments.personServer,
    aud: audience,
    sub: subject,
    cnf: { jwk: toPublicJwk(cnf) },
    ...(missionS256 !== undefined && { mission_s256: missionS256 }),
    ...(tenant !== undefined && { tenant }),
  };
  return issueToken(tokenTypes.person, claims, options, { maximum: maxLifetime, usual: maxLifetime, notAfter });
}

/** The rules of `aa-person+jwt` (AAuth Protocol, "Person Token Verification"). */
export const personTokenProfile: TokenProfile<VerifiedPersonToken> = {
  type: tokenTypes.person,
  documents: [metadataDocuments.personServer],
  maxLifetime,
  async complete(jwt, context) {
    // With a scope or an account in it, somebody could take it for a grant.
    for (const name of ['scope', 'account']) {
      if (jwt.claims[name] !== undefined) throw invalid(jwt, name, 'not allowed');
    }
    return {
      ...commonMembers(jwt),
      type: tokenTypes.person,
      audience: serverClaim(jwt, 'aud', context),
      ...personClaims(jwt),
      key: await confirmationKey(jwt, context.keys),
    };
  },
};
