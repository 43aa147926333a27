import { Agent } from 'undici';
import { createAdmission } from './admission.ts';
import { type AdmittedLookupOptions, admittedLookup } from './admitted-lookup.ts';
import { fetchOver, type HttpFetch } from './fetch.ts';

/** Which addresses are admitted, and how long a peer may take. */
export interface AdmittedFetchOptions extends AdmittedLookupOptions {
  /** Seconds until a connection must stand. Default 5. */
  readonly connectTimeout?: number;
  /** Seconds until the response headers must be there. Default 5. */
  readonly headersTimeout?: number;
}

/**
 * Makes the `fetch` for requests to endpoints that a peer's metadata names under egress admission: https only, every
 * address of the name public, the connection made to exactly the addresses that were checked. `localhost` and `*.localhost` as in
 * `createEgressFetch`, which is the one for documents. Follows no redirect, whatever `redirect` says: a redirect rejects. Does NOT
 * sign, and does NOT cap the body of the response.
 *
 * What it returns rejects with `TypeError`, like any `fetch`, when the request is refused or the peer cannot be reached in time.
 * The rules of admission are (ours).
 *
 * @param options which addresses are admitted, and how long a peer may take
 * @returns the `fetch`
 * @throws TypeError when a block in `allowPrivate` is malformed
 */
export function createAdmittedFetch(options: AdmittedFetchOptions): HttpFetch {
  const { connectTimeout = 5, headersTimeout = 5 } = options;
  const admission = createAdmission(options);
  const dispatcher = new Agent({
    connect: { timeout: connectTimeout * 1000, lookup: admittedLookup(admission, options) },
    // A connection that is kept was admitted on what its name resolved to then.
    pipelining: 0,
    headersTimeout: headersTimeout * 1000,
    maxHeaderSize: 32 * 1024,
  });
  const httpFetch = fetchOver(dispatcher);

  const admittedFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const refused = admission.refuseUrl(url);
    if (refused !== undefined) throw new TypeError(`fetch failed: refused, ${refused}.`);
    return httpFetch(input, { ...init, redirect: 'error' });
  };
  return Object.assign(admittedFetch, { close: httpFetch.close });
}
