import { type Clock, systemClock } from '../clock.ts';
import { SignatureError, UnavailableError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { webCryptoKeys } from '../keys/index.ts';
import type { KeyBackend, VerificationKey } from '../keys/types.ts';
import type { MetadataDocument } from '../tokens/types.ts';
import { type CachedDocument, createCachedDocument } from './cached-document.ts';
import { createIssuerCache } from './issuer-cache.ts';
import { type KeySet, readKeySet } from './key-set.ts';
import { jwksUrl, metadataUrl, readMetadata } from './metadata.ts';
import type { Discovery, EgressFetch, IssuerPin, ServerMetadata } from './types.ts';

/** How documents of other servers are fetched, and how many are kept. */
export interface DiscoveryOptions {
  /** Fetches under egress admission, for instance `createEgressFetch` of `@aauth-stack/aauth/node`. */
  readonly fetch: EgressFetch;
  readonly identifiers: IdentifierPolicy;
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  readonly now?: Clock;
  /** Issuers whose JWKS is where they say here, whatever their metadata names. */
  readonly jwksUriPins?: readonly IssuerPin[];
  /** How many issuers that are not pinned are remembered. Default 512. */
  readonly maxIssuers?: number;
}

interface Issuer {
  readonly metadata: CachedDocument<ServerMetadata>;
  readonly keys: CachedDocument<KeySet>;
}

/**
 * Finds metadata and keys of other servers (AAuth Protocol, "Metadata Documents", "JWKS Discovery and Caching"): issuers checked
 * byte for byte, documents cached as `Cache-Control` says and asked for again at most once a minute, stale ones used for a day
 * when their server fails, a bounded number of issuers (see `issuer-cache.ts` for what strangers can do to it).
 *
 * @param options how documents are fetched, and how many are kept
 * @returns nothing is fetched before it is asked for
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 * @throws TypeError when `maxIssuers` is not a whole number of at least 8
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { fetch, identifiers, keys = webCryptoKeys, now = systemClock, maxIssuers = 512 } = options;
  if (!Number.isInteger(maxIssuers) || maxIssuers < 8) throw new TypeError('maxIssuers is a whole number, 8 at least.');
  const pins = new Map<ServerIdentifier, string>();
  for (const { issuer, jwksUri } of options.jwksUriPins ?? []) {
    if (jwksUri !== undefined) pins.set(issuer, parseEndpointUrl(jwksUri, identifiers).href);
  }
  const issuers = createIssuerCache<Issuer>({ maxEntries: maxIssuers, now });

  function find(issuer: ServerIdentifier, dwk: MetadataDocument, jwksUri = pins.get(issuer)): Issuer {
    const id = `${issuer} ${dwk} ${jwksUri ?? ''}`;
    return issuers.get(id, jwksUri !== undefined, () => createIssuer(issuer, dwk, jwksUri));
  }

  function createIssuer(issuer: ServerIdentifier, dwk: MetadataDocument, jwksUri: string | undefined): Issuer {
    const metadata = createCachedDocument({
      fetch,
      now,
      locate: () => metadataUrl(issuer, dwk),
      read: (url, response) => readMetadata(issuer, url, response),
      firstRetry: 5,
    });
    const keySet = createCachedDocument({
      fetch,
      now,
      locate: async () => (jwksUri === undefined ? jwksUrl(await metadata.get(), identifiers) : new URL(jwksUri)),
      read: (url, response) => readKeySet(url, response, keys),
      firstRetry: 60,
    });
    return { metadata, keys: keySet };
  }

  return {
    async metadata(issuer, dwk, { again = false } = {}) {
      const { metadata } = find(issuer, dwk);
      return again ? metadata.refresh() : metadata.get();
    },

    async key(issuer, dwk, kid, jwksUri) {
      const found = find(issuer, dwk, jwksUri);
      const key = (await (await found.keys.get()).find(kid)) ?? (await (await found.keys.refresh()).find(kid));
      if (!key) throw unknownKey(issuer, kid);
      return key;
    },

    async keyAfterFailure(issuer, dwk, kid, failed, jwksUri) {
      const keySet = await refreshed(find(issuer, dwk, jwksUri).keys);
      if (!keySet) return undefined;
      const key = await keySet.find(kid);
      if (!key) throw unknownKey(issuer, kid);
      return isSameKey(key, failed) ? undefined : key;
    },
  };
}

// A signature that failed stays failed when the issuer cannot be asked again: that is not the issuer's outage to report.
async function refreshed(keys: CachedDocument<KeySet>): Promise<KeySet | undefined> {
  try {
    return await keys.refresh();
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

function isSameKey(key: VerificationKey, other: VerificationKey): boolean {
  return key.thumbprint === other.thumbprint && key.alg === other.alg;
}

function unknownKey(issuer: ServerIdentifier, kid: string): SignatureError {
  return new SignatureError('unknown_key', `${issuer} publishes no key "${kid.slice(0, 64)}".`, { cause: { kid } });
}
