import type { ServerIdentifier } from '../identifiers.ts';
import type { SigningKey } from '../keys/types.ts';
import { jwksUriSignatureKey } from '../signatures/signature-key.ts';
import type { MetadataDocument } from '../tokens/types.ts';
import { coverQueryIfAny, createSigningFetch, type SigningOptions } from './signing-fetch.ts';

/** Who signs, with which key. */
export interface ServerFetchOptions extends SigningOptions {
  /** The server that signs. */
  readonly identifier: ServerIdentifier;
  /** Its metadata document, whose `jwks_uri` publishes the key. */
  readonly dwk: MetadataDocument;
  /** A published key with its `kid`, or a function that returns the current one where keys rotate. */
  readonly key: SigningKey | (() => SigningKey | Promise<SigningKey>);
}

/**
 * Makes a `fetch` that signs every request as a server, to another server (scheme `jwks_uri`). It recovers like
 * {@link createSignedFetch} and covers the same, except that it leaves out `@query` where the URL has none.
 * Signature-Key, "JWKS URI Discovery".
 *
 * @param options who signs, with which key
 * @returns a `fetch` that throws what {@link createSignedFetch} says
 * @throws TypeError when `key` has no `kid`, at once or, for a function, from the fetch returned
 */
export function createServerFetch({ identifier, dwk, key, ...options }: ServerFetchOptions): typeof globalThis.fetch {
  const currentKey = typeof key === 'function' ? key : () => key;
  if (typeof key !== 'function') publishedName(key);
  return createSigningFetch({
    ...options,
    additionalComponentsFor: options.additionalComponentsFor ?? coverQueryIfAny,
    signer: async () => {
      const current = await currentKey();
      return { key: current, signatureKey: jwksUriSignatureKey({ id: identifier, dwk, kid: publishedName(current) }) };
    },
  });
}

function publishedName({ kid }: SigningKey): string {
  if (kid === undefined) throw new TypeError('A server signs with a published key: the signing key needs a kid.');
  return kid;
}
