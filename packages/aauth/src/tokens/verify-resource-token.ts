import { type AcceptedIssuers, issuerLookup } from './issuers.ts';
import { resourceTokenProfile } from './resource-token.ts';
import { checkNotRevoked, type RevocationCheck } from './revoked.ts';
import { tokenTypes, type VerifiedResourceToken } from './types.ts';
import { type VerificationOptions, verifyIssuedToken } from './verification.ts';

/** Where a server that issues auth tokens finds the keys of resources, and whose resource tokens it takes. */
export interface ResourceTokenVerifierOptions extends VerificationOptions {
  /** The resources whose tokens are accepted. Absent: any. */
  readonly resources?: AcceptedIssuers;
  readonly revoked?: RevocationCheck;
}

/** Verifies a compact resource token; what it returns can come from nowhere else. */
export type ResourceTokenVerifier = (compact: string) => Promise<VerifiedResourceToken>;

/**
 * Makes a verifier of resource tokens (AAuth Protocol, "Resource Token Verification", "Resource Challenge Verification"), for the
 * agent that was challenged and for the server that it is sent to: `typ`, `alg`, the claims and their form, `exp`, the signature
 * with the key that the resource publishes.
 *
 * Does NOT compare anything with anything outside the token. What is left to an agent: `iss` is the resource it called, `ps` its
 * Person Server, `agentJkt` its key, `subject` and `presentedJti` those of the token it presented. What is left to a Person
 * Server: `aud` and `ps`, `agentJkt`, and everything that the presented token says.
 *
 * The verifier throws {@link SignatureError} and `UnavailableError` like that of `createTokenVerifier`; `readBodyToken` turns
 * them into the errors of a token endpoint.
 *
 * @param options whose tokens are accepted, and where keys are found
 * @returns the verifier
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 */
export function createResourceTokenVerifier(options: ResourceTokenVerifierOptions): ResourceTokenVerifier {
  const resources = issuerLookup(options.resources, options.identifiers);
  const profiles = { [tokenTypes.resource]: resourceTokenProfile };
  return async function verifyResourceToken(compact) {
    const token = await verifyIssuedToken(compact, [tokenTypes.resource], profiles, () => resources, options);
    await checkNotRevoked(token, options.revoked);
    return token;
  };
}
