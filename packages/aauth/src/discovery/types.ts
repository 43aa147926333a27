import type { ServerIdentifier } from '../identifiers.ts';
import type { VerificationKey } from '../keys/types.ts';
import type { MetadataDocument } from '../tokens/types.ts';

/** A response whose body has been read whole, within the size cap. */
export interface EgressResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Fetches a URL that a peer's data named, under egress admission: https unless loopback is allowed, address
 * checked and pinned, no redirect to another host, size and time capped. Throws `UnavailableError` when it cannot.
 */
export type EgressFetch = (
  url: URL,
  options?: { readonly accept?: string; readonly signal?: AbortSignal },
) => Promise<EgressResponse>;

/** A party's metadata document after the issuer check; unknown members are kept. */
export interface ServerMetadata {
  readonly issuer: ServerIdentifier;
  readonly jwks_uri?: string;
  readonly name?: string;
  readonly description?: string;
  readonly [member: string]: unknown;
}

/** A server that is trusted by name, and where its keys are when that is not left to its metadata. */
export interface IssuerPin {
  readonly issuer: ServerIdentifier;
  /** URL of the JWKS; used as it is, in place of the one that metadata names, on whatever host it is. */
  readonly jwksUri?: string;
}

/** Finds metadata and keys of other servers, with the caching rules of AAuth Protocol, "JWKS Discovery and Caching". */
export interface Discovery {
  /**
   * What a server publishes of itself, from the cache as long as it is fresh.
   *
   * @param options.again asks again although what is held is fresh, unless that was done within the last minute: for whoever misses
   *   something there that the server may have added
   * @throws SignatureError `issuer_missing` | `issuer_mismatch` when the document does not name the issuer it was fetched from
   * @throws UnavailableError when it cannot be fetched
   */
  metadata(
    issuer: ServerIdentifier,
    dwk: MetadataDocument,
    options?: { readonly again?: boolean },
  ): Promise<ServerMetadata>;
  /**
   * The key that `issuer` publishes under `kid`, from the cache or after one refetch.
   *
   * @param jwksUri where the caller has pinned the keys of this issuer; metadata is not asked then
   * @throws SignatureError `unknown_key` when it is not published; `unsupported_algorithm` | `invalid_key` when the member
   *   published under `kid` is no key of ours; `issuer_missing` | `issuer_mismatch` as {@link metadata}
   * @throws UnavailableError
   */
  key(issuer: ServerIdentifier, dwk: MetadataDocument, kid: string, jwksUri?: string): Promise<VerificationKey>;
  /**
   * Called after a signature failed with a cached key: refetches the set unless that was done within the last minute.
   * Returns the key if it changed, `undefined` if trying again is pointless.
   * @throws SignatureError `unknown_key` when the refetched set no longer has it
   */
  keyAfterFailure(
    issuer: ServerIdentifier,
    dwk: MetadataDocument,
    kid: string,
    failed: VerificationKey,
    jwksUri?: string,
  ): Promise<VerificationKey | undefined>;
}
