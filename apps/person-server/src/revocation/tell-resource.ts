import type { Discovery } from '@aauth-stack/aauth/discovery';
import { type IdentifierPolicy, parseEndpointUrl, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Notice } from './notices.ts';

const timeoutMs = 3_000;

/** What came of telling a resource; `retry` where it may yet be told. */
export type NoticeResult =
  | { readonly outcome: 'told' | 'unsupported' }
  | { readonly outcome: 'refused' | 'retry'; readonly detail: string; readonly err?: unknown };

export type TellResource = (notice: Notice, signal: AbortSignal) => Promise<NoticeResult>;

export interface TellResourceOptions {
  discovery: Discovery;
  identifiers: IdentifierPolicy;
  /** Signs as this Person Server, covers bodies, and goes only where what a peer names may lead. */
  fetch: typeof fetch;
}

/**
 * Tells a resource that a token for it is revoked, at the revocation endpoint in its metadata (AAuth Protocol, "Token
 * Revocation"). Throws when it cannot be reached.
 */
export function createTellResource({ discovery, identifiers, fetch }: TellResourceOptions): TellResource {
  return async function tellResource({ jti, resource, expiresAt }, signal) {
    const issuer = parseServerIdentifier(resource, identifiers);
    const metadata = await discovery.metadata(issuer, metadataDocuments.resource);
    if (metadata.revocation_endpoint === undefined) return { outcome: 'unsupported' };
    const endpoint = parseEndpointUrl(metadata.revocation_endpoint, identifiers);
    const response = await fetch(endpoint, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ jti, exp: expiresAt }),
    });
    const text = (await response.text()).slice(0, 300);
    if (response.ok) return { outcome: 'told' };
    const detail = `${endpoint.href} answered ${response.status}: ${text}`;
    const mayChange = response.status === 401 || response.status === 429 || response.status >= 500;
    return { outcome: mayChange ? 'retry' : 'refused', detail };
  };
}
