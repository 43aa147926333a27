import { SignatureError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { toPublicJwk } from '../keys/index.ts';
import type { PublicJwk } from '../keys/types.ts';
import { commonMembers, optional, personClaims, scopeClaim, serverClaim, textClaim } from './claims.ts';
import { confirmationKey } from './confirmation.ts';
import { type IssuedToken, type IssuingOptions, issueToken } from './issue.ts';
import type { IssuedJwt, TokenProfile } from './profile.ts';
import { formatScope } from './scope.ts';
import { metadataDocuments, tokenTypes, type VerifiedAuthToken } from './types.ts';

/** Auth tokens live at most an hour (AAuth Protocol, "Auth Token Structure"). */
const maxLifetime = 60 * 60;

const ownClaims = ['iss', 'dwk', 'aud', 'sub', 'ps', 'scope', 'account', 'mission_s256', 'tenant', 'cnf'] as const;
const reserved: ReadonlySet<string> = new Set([...ownClaims, 'jti', 'iat', 'exp', 'nbf', 'agent', 'act']);

/** What an auth token grants, to whom and where. */
export interface AuthTokenOptions extends IssuingOptions {
  /** The Person Server, or the resource's Access Server. */
  readonly issuer: ServerIdentifier;
  /** The metadata document that says which of the two it is. Default: the Person Server's. */
  readonly dwk?: typeof metadataDocuments.personServer | typeof metadataDocuments.accessServer;
  /** The resource. */
  readonly audience: ServerIdentifier;
  /** The person, as the resource token names them. */
  readonly subject: string;
  /** Who represents the person; the issuer itself when that is a Person Server. */
  readonly personServer: ServerIdentifier;
  /** What is granted; never more than the resource token asks for. */
  readonly scope: readonly string[];
  /** The public key that signs the agent's requests. */
  readonly cnf: PublicJwk;
  /** `exp` of what the token may not outlive: agent token, presented token, upstream token, mission. */
  readonly notAfter: readonly number[];
  readonly account?: string;
  readonly missionS256?: string;
  readonly tenant?: string;
  /** Identity claims of granted identity scopes. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The payload of an `aa-auth+jwt`, beside `jti`, `iat` and `exp`. */
export interface AuthTokenClaims {
  readonly iss: ServerIdentifier;
  readonly dwk: typeof metadataDocuments.personServer | typeof metadataDocuments.accessServer;
  readonly aud: ServerIdentifier;
  readonly sub: string;
  readonly ps: ServerIdentifier;
  readonly scope?: string;
  readonly account?: string;
  readonly mission_s256?: string;
  readonly tenant?: string;
  readonly cnf: { readonly jwk: PublicJwk };
  readonly [identity: string]: unknown;
}

/** A signed auth token with its claims. */
export type IssuedAuthToken = IssuedToken<AuthTokenClaims>;

/**
 * Issues an auth token (AAuth Protocol, "Auth Token Structure"). `lifetime` is at most and by default 3,600 seconds. Does not
 * check the tokens that it is issued for.
 *
 * @param options what is granted to whom, and the key that signs the token
 * @returns the token with its claims
 * @throws TypeError when `key` has no `kid`, `lifetime` is out of range, a scope name is none, a Person Server is the issuer and
 *   not `personServer`, or `claims` holds a claim of the token itself
 * @throws SignatureError `expired_jwt` when `notAfter` leaves no time
 */
export async function issueAuthToken(options: AuthTokenOptions): Promise<IssuedAuthToken> {
  const { issuer, dwk = metadataDocuments.personServer, personServer, scope, account, missionS256, tenant } = options;
  if (dwk === metadataDocuments.personServer && issuer !== personServer) {
    throw new TypeError(`A Person Server issues auth tokens for its own people: ${issuer} is not ${personServer}.`);
  }
  const wrong = Object.keys(options.claims ?? {}).find((name) => reserved.has(name));
  if (wrong !== undefined) throw new TypeError(`claims holds ${wrong}, which is the token's own.`);
  const claims: AuthTokenClaims = {
    ...options.claims,
    iss: issuer,
    dwk,
    aud: options.audience,
    sub: options.subject,
    ps: personServer,
    ...(scope.length > 0 && { scope: formatScope(scope) }),
    ...(account !== undefined && { account }),
    ...(missionS256 !== undefined && { mission_s256: missionS256 }),
    ...(tenant !== undefined && { tenant }),
    cnf: { jwk: toPublicJwk(options.cnf) },
  };
  const { notAfter } = options;
  return issueToken(tokenTypes.auth, claims, options, { maximum: maxLifetime, usual: maxLifetime, notAfter });
}

/** The rules of `aa-auth+jwt` (AAuth Protocol, "Auth Token Verification"). */
export const authTokenProfile: TokenProfile<VerifiedAuthToken> = {
  type: tokenTypes.auth,
  documents: [metadataDocuments.personServer, metadataDocuments.accessServer],
  maxLifetime,
  async complete(jwt, context) {
    const personServer = serverClaim(jwt, 'ps', context);
    checkSpeaksForItself(jwt, personServer);
    return {
      ...commonMembers(jwt),
      type: tokenTypes.auth,
      audience: serverClaim(jwt, 'aud', context),
      personServer,
      ...personClaims(jwt),
      scope: scopeClaim(jwt),
      account: optional(jwt, 'account', textClaim),
      key: await confirmationKey(jwt, context.keys),
    };
  },
};

// A Person Server could name people of another one otherwise.
function checkSpeaksForItself(jwt: IssuedJwt, personServer: ServerIdentifier): void {
  if (jwt.dwk !== metadataDocuments.personServer || jwt.issuer === personServer) return;
  throw new SignatureError('invalid_jwt', `The auth token of ${jwt.issuer} names another ps than its issuer.`, {
    cause: { claim: 'ps', expected: jwt.issuer, received: personServer },
  });
}
