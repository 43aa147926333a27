import type { EgressFetch } from '@aauth-stack/aauth/discovery';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import { reasonOf } from '../command/failure.ts';
import type { Members } from './lint-metadata.ts';

/** A JSON document of a server, or why there is none. */
export type FetchedDocument =
  | { readonly state: 'there'; readonly document: Members; readonly cacheControl: string | null }
  | { readonly state: 'absent' }
  | { readonly state: 'unusable'; readonly reason: string };

/** Fetches as any party does: no redirect elsewhere, no private address, JSON only. */
export async function fetchDocument(egressFetch: EgressFetch, url: URL): Promise<FetchedDocument> {
  try {
    const response = await egressFetch(url, { accept: 'application/json, application/jwk-set+json' });
    if (response.status === 404 || response.status === 410) return { state: 'absent' };
    if (response.status !== 200) return { state: 'unusable', reason: `it answers ${response.status}` };
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(response.body));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { state: 'unusable', reason: 'it is JSON, but not an object' };
    }
    return { state: 'there', document: { ...value }, cacheControl: response.headers.get('cache-control') };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      return { state: 'unusable', reason: 'it is not JSON in UTF-8' };
    if (error instanceof UnavailableError) return { state: 'unusable', reason: reasonOf(error).replace(/\.$/, '') };
    throw error;
  }
}
