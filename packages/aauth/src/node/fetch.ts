import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';

/** How names of this machine are resolved, and how long a peer may take. */
export interface HttpFetchOptions {
  /**
   * Ask the resolver for `localhost` and `*.localhost` too, as inside compose, where such names are network aliases.
   * Default `false`: they are loopback, whatever the resolver says (RFC 6761 §6.3).
   */
  readonly localhostDns?: boolean;
  /** Seconds until a connection must stand. Default 5. */
  readonly connectTimeout?: number;
  /** Seconds until the response headers must be there. Default 120: a request may be held with `Prefer: wait`. */
  readonly headersTimeout?: number;
}

/** A Fetch-style `fetch` over its own connection pool. */
export interface HttpFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Waits for what is under way, then closes every connection; later calls reject. */
  close(): Promise<void>;
}

/**
 * Makes the `fetch` for requests to known peers. It resolves `localhost` and `*.localhost` to loopback itself, since the
 * resolvers of many systems do not know those names, and lets bodies stream for as long as they like (no body timeout).
 * It does NOT sign, and does NOT apply egress admission: a URL that a peer's data names belongs to `createEgressFetch`.
 * Rejects with `TypeError`, like any `fetch`, when the peer cannot be reached in time.
 * RFC 6761 §6.3. Making one never throws.
 *
 * @param options how names are resolved, and how long a peer may take
 * @returns a `fetch` with a connection pool of its own: close it
 */
export function createHttpFetch(options: HttpFetchOptions = {}): HttpFetch {
  const { localhostDns = false, connectTimeout = 5, headersTimeout = 120 } = options;
  const dispatcher = new Agent({
    connect: { timeout: connectTimeout * 1000, ...(localhostDns ? {} : { lookup: lookupLocalhost }) },
    headersTimeout: headersTimeout * 1000,
    bodyTimeout: 0,
    maxHeaderSize: 32 * 1024,
  });
  return fetchOver(dispatcher);
}

/** A `fetch` over a connection pool of undici. */
export function fetchOver(dispatcher: Agent): HttpFetch {
  const httpFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (!(input instanceof Request || init?.body instanceof FormData)) {
      return undiciFetch(input, { ...init, dispatcher });
    }
    // undici from npm takes objects of Node's own undici for strings, so these cross over by their parts.
    const { url, method, headers, body, redirect, signal } = new Request(input, init);
    return undiciFetch(url, { method, headers, body, redirect, signal, duplex: 'half', dispatcher });
  };
  return Object.assign(httpFetch, { close: () => dispatcher.close() });
}

// Services of the stack bind 127.0.0.1, so it comes first.
const loopback: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * A `lookup` for `net.connect` and undici's `connect` that answers `localhost` and `*.localhost` with loopback addresses
 * (RFC 6761 §6.3) and asks the resolver for every other name. Does NOT restrict which addresses a name may have.
 */
export const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!isLocalhost(hostname)) {
    lookup(hostname, options, callback);
    return;
  }
  const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family;
  const addresses = loopback.filter((entry) => !family || entry.family === family);
  if (options.all) callback(null, addresses);
  else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
};

function isLocalhost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}
