import { UnavailableError } from '../errors.ts';
import type { EgressResponse } from './types.ts';

/** Metadata and key sets are small; what is larger than this is not one. Bytes. */
const maxBytes = 64 * 1024;

/** What a document of JSON is asked for with. */
export const jsonMediaTypes = 'application/json, application/jwk-set+json';

/**
 * Judges the response to a request for a JSON document: 200, of reasonable size, a JSON object.
 *
 * @throws {@link UnavailableError} when it is anything else
 */
export function readJsonDocument(url: URL, response: EgressResponse): Readonly<Record<string, unknown>> {
  if (response.status !== 200) throw unusable(url, `answered ${response.status}`);
  if (response.body.byteLength > maxBytes) throw unusable(url, `is larger than ${maxBytes} bytes`);
  const value = parseJson(response.body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable(url, 'is not a JSON object');
  return { ...value };
}

/** What a document that was fetched, and makes no sense, is refused with. */
export function unusable(url: URL, reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError(`${url.href} ${reason}.`, { cause });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
