import type { SigningKey } from '../keys/types.ts';
import { jwtSignatureKey } from '../signatures/signature-key.ts';
import type { Refusal } from './signer.ts';
import { createSigningFetch, type SigningOptions } from './signing-fetch.ts';

/** A token and the key it binds. They belong together: hand both over as one object, never one by one. */
export interface Credentials {
  /** Compact serialisation. */
  readonly token: string;
  /** The private part of its `cnf.jwk`. */
  readonly key: SigningKey;
}

/** What is asked of a {@link CredentialSource}. */
export interface CredentialRequest {
  /** The token that a server refused: renew it. Returning the same one again leaves the refusal to the caller. */
  readonly refused?: Refusal;
}

/** Hands out the credentials of the moment, renewed if need be. Called for every request. */
export type CredentialSource = (request?: CredentialRequest) => Promise<Credentials>;

/** The credentials of an agent, and how its requests are sent. */
export interface SignedFetchOptions extends SigningOptions {
  /** For instance the `credentials` of an {@link AgentSession}. */
  readonly credentials: CredentialSource;
}

/**
 * Makes a `fetch` that signs every request as an agent (scheme `jwt`; AAuth Protocol, "HTTP Message Signatures Profile"). It covers
 * `@method`, `@authority`, `@path`, `@query`, `signature-key`, `authorization` if sent, and the body, which it reads into memory.
 *
 * Each of these refusals is answered once per request, then returned to the caller like any other response: `invalid_input` by
 * covering what is required as far as the request has it, `expired_jwt` and `revoked_jwt` by asking `credentials` for another
 * token (a revoked one is never presented again), `clock_skew` by the response's `Date` (up to 15 minutes, remembered for the
 * origin). State-changing requests that are alike get distinct `created` times, so that none looks like a replay.
 *
 * Redirects are never followed, since the signature names one server; the 3xx is returned, or a TypeError thrown with
 * `redirect: 'error'`. Does NOT answer `AAuth-Requirement`, and does NOT limit where it sends the token: that is the caller's.
 *
 * The returned function throws what `options.fetch` and `options.credentials` throw; {@link SigningError} when a request cannot be
 * signed, in which case nothing is sent; PeerError `revoked_jwt` when no other token than a revoked one is to be had.
 *
 * @param options the credentials, and how requests are sent
 * @returns a `fetch`
 */
export function createSignedFetch({ credentials, ...options }: SignedFetchOptions): typeof globalThis.fetch {
  return createSigningFetch({
    ...options,
    signer: async ({ refused }) => {
      const { token, key } = await credentials({ refused });
      return { key, token, signatureKey: jwtSignatureKey(token) };
    },
  });
}
