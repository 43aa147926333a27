import type { EgressFetch } from '@aauth-stack/aauth/discovery';
import type { Metrics } from './metrics.ts';

const metadataPath = /^\/\.well-known\/aauth-[a-z]+\.json$/;

/** Counts the key sets that `fetch` fetches; everything else that it is used for is metadata, whose path is known. */
export function countKeyFetches(fetch: EgressFetch, metrics: Pick<Metrics, 'countKeyFetch'>): EgressFetch {
  return async function countedFetch(url, options) {
    if (metadataPath.test(url.pathname)) return fetch(url, options);
    const uri = `${url.origin}${url.pathname}`;
    try {
      const response = await fetch(url, options);
      metrics.countKeyFetch(uri, response.status === 200 ? 'success' : 'error');
      return response;
    } catch (error) {
      metrics.countKeyFetch(uri, 'error');
      throw error;
    }
  };
}
