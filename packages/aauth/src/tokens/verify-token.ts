import type { IssuerPin } from '../discovery/types.ts';
import { SignatureError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import { rememberKeys } from '../keys/remembered-keys.ts';
import { isPending, type MaybePromise } from '../maybe-promise.ts';
import { agentTokenProfile } from './agent-token.ts';
import { authTokenProfile } from './auth-token.ts';
import { type AcceptedIssuers, type IssuerLookup, issuerLookup } from './issuers.ts';
import { personTokenProfile } from './person-token.ts';
import type { TokenProfile } from './profile.ts';
import { checkNotRevoked, type RevocationCheck } from './revoked.ts';
import { type MetadataDocument, metadataDocuments, type PresentedToken, tokenTypes } from './types.ts';
import { acceptedIssuer, type VerificationOptions, verifyIssuedToken } from './verification.ts';

/** The types of tokens that can stand in `Signature-Key`. */
export type VerifiableTokenType = PresentedToken['type'];

/** The rules by `typ`. */
const profiles: Readonly<Record<VerifiableTokenType, TokenProfile<PresentedToken>>> = {
  [tokenTypes.agent]: agentTokenProfile,
  [tokenTypes.person]: personTokenProfile,
  [tokenTypes.auth]: authTokenProfile,
};

/** The verified token of a type. */
export type TokenOfType<Type extends VerifiableTokenType> = Extract<PresentedToken, { readonly type: Type }>;

/** Verifies a compact token; what it returns can come from nowhere else. */
export type TokenVerifier<Token extends PresentedToken = PresentedToken> = (compact: string) => Promise<Token>;

/** Which tokens are accepted, of whom, and where the keys of their issuers are found. */
export interface TokenVerifierOptions<Type extends VerifiableTokenType = VerifiableTokenType>
  extends VerificationOptions {
  /** Accepted values of `typ`. Default: agent tokens. */
  readonly accepts?: readonly Type[];
  /**
   * What `aud` of person and auth tokens must be: the resource itself. `any` where the caller compares it with something else,
   * as a Person Server does with tokens that agents hand it.
   */
  readonly audience?: ServerIdentifier | 'any';
  /** The agent providers whose agent tokens are accepted. Absent: any. */
  readonly agentProviders?: AcceptedIssuers;
  /** The Person Servers whose person tokens, and auth tokens, are accepted. Absent: any. */
  readonly personServers?: AcceptedIssuers;
  /** The resource's Access Server. With one, only its auth tokens are accepted; without, only those of Person Servers. */
  readonly accessServer?: IssuerPin;
  readonly revoked?: RevocationCheck;
}

/**
 * Makes a verifier of tokens: `typ` first, then `alg`, the common claims, the issuer, the signature with the
 * key that the issuer publishes (asking it once more where that fails), then the claims of the type, `aud`, and revocation.
 * Does NOT check that the presenter holds the key in `cnf`: that is the request's signature.
 *
 * The verifier throws {@link SignatureError} `invalid_jwt`, `expired_jwt`, `clock_skew`, `unsupported_algorithm`, `invalid_key`,
 * `unknown_key`, `issuer_missing`, `issuer_mismatch` or `revoked_jwt`, and `UnavailableError` when the issuer's keys cannot
 * be fetched.
 * AAuth Protocol, "Agent Token Verification", "Person Token Verification", "Auth Token Verification".
 *
 * @param options which tokens are accepted, of whom, and where keys are found
 * @returns the verifier
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 * @throws TypeError when person or auth tokens are accepted and `audience` is absent
 */
export function createTokenVerifier<const Type extends VerifiableTokenType = typeof tokenTypes.agent>(
  options: TokenVerifierOptions<Type>,
): TokenVerifier<TokenOfType<Type>>;
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { audience, revoked, accepts = [tokenTypes.agent] } = options;
  if (audience === undefined && accepts.some((type) => type !== tokenTypes.agent)) {
    throw new TypeError('audience is needed where person or auth tokens are accepted.');
  }
  const lookupFor = issuersByToken(options);
  // Only keys in tokens that their issuers have signed come here: a stranger's requests push out nobody's.
  const settings = { ...options, keys: rememberKeys(options.keys ?? webCryptoKeys) };

  return async function verifyToken(compact) {
    const token = await verifyIssuedToken(compact, accepts, profiles, lookupFor, settings);
    checkAudience(token, audience);
    const checking = checkNotRevoked(token, revoked);
    if (checking) await checking;
    return token;
  };
}

/**
 * Checks again what can have changed since a token was verified: whether its issuer is still accepted, and whether it has been
 * revoked. For a verifier's results that are remembered.
 *
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 */
export function createTokenRecheck(options: TokenVerifierOptions): (token: PresentedToken) => MaybePromise<undefined> {
  const lookupFor = issuersByToken(options);
  return function recheckToken(token) {
    const accepted = acceptedIssuer(token, lookupFor(token));
    if (isPending(accepted)) return accepted.then(() => checkNotRevoked(token, options.revoked));
    return checkNotRevoked(token, options.revoked);
  };
}

function issuersByToken(
  options: TokenVerifierOptions,
): (token: { readonly type: string; readonly dwk: MetadataDocument }) => IssuerLookup {
  const { identifiers, accessServer } = options;
  const nobody: IssuerLookup = () => undefined;
  const agentProviders = issuerLookup(options.agentProviders, identifiers);
  const personServers = issuerLookup(options.personServers, identifiers);
  const accessServers = accessServer ? issuerLookup([accessServer], identifiers) : nobody;
  return ({ type, dwk }) => {
    if (type === tokenTypes.agent) return agentProviders;
    if (dwk === metadataDocuments.accessServer) return accessServers;
    return type === tokenTypes.auth && accessServer ? nobody : personServers;
  };
}

function checkAudience(token: PresentedToken, audience: ServerIdentifier | 'any' | undefined): void {
  if (token.type === tokenTypes.agent || audience === 'any' || token.audience === audience) return;
  throw new SignatureError('invalid_jwt', `The token is for ${token.audience}, not for ${audience}.`, {
    cause: { claim: 'aud', expected: audience, received: token.audience },
  });
}
