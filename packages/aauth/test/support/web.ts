import type { EgressFetch } from '../../src/discovery/types.ts';
import { UnavailableError } from '../../src/errors.ts';

/** A page as a test publishes it: JSON unless it is text. */
interface Page {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** The part of the web that discovery sees, in memory. A URL without a page is a server that is down. */
export interface TestWeb {
  readonly fetch: EgressFetch;
  /** The URLs that were asked for, in order. */
  readonly requests: string[];
  publish(url: string, page: Page): void;
  publishIssuer(issuer: string, dwk: string, keys: readonly unknown[], headers?: Record<string, string>): void;
  takeDown(url: string): void;
}

export function createTestWeb(): TestWeb {
  const pages = new Map<string, Page>();
  const requests: string[] = [];
  const web: TestWeb = {
    requests,
    async fetch(url) {
      requests.push(url.href);
      const page = pages.get(url.href);
      if (!page) throw new UnavailableError(`${url.href} cannot be fetched from here.`, { cause: 'down' });
      const text = typeof page.body === 'string' ? page.body : JSON.stringify(page.body);
      return {
        status: page.status ?? 200,
        headers: new Headers(page.headers),
        body: new TextEncoder().encode(text),
      };
    },
    publish(url, page) {
      pages.set(url, page);
    },
    publishIssuer(issuer, dwk, keys, headers) {
      const jwksUri = `${issuer}/.well-known/jwks.json`;
      web.publish(`${issuer}/.well-known/${dwk}`, { body: { issuer, jwks_uri: jwksUri }, headers });
      web.publish(jwksUri, { body: { keys }, headers });
    },
    takeDown(url) {
      pages.delete(url);
    },
  };
  return web;
}
