import { type Dictionary, parseDictionary } from 'structured-headers';
import { fromBase64url } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { findRepeatedKey } from '../structured-fields.ts';

/**
 * Parses one of the three dictionaries of a signed request (RFC 9651 §4.2.2). A repeated key is refused first: parsers keep
 * the last of two, and who keeps the first verifies something else.
 *
 * @throws SignatureError `invalid_signature`
 */
export function parseSignatureDictionary(field: string, value: string): Dictionary {
  const repeated = findRepeatedKey(value);
  if (repeated !== undefined) {
    throw new SignatureError('invalid_signature', `The ${field} header names ${quoted(repeated)} twice.`);
  }
  try {
    return parseDictionary(value);
  } catch (cause) {
    throw new SignatureError('invalid_signature', `The ${field} header is not a structured field dictionary.`, {
      cause,
    });
  }
}

// A regular expression goes through a field many times faster than a parser that takes it character by character.
const onlyBytes = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+)(={0,2}):$/;

/**
 * The bytes of a dictionary's member, if the dictionary has the usual form: that member alone, a byte sequence without
 * parameters, in canonical base64.
 *
 * @returns `undefined` for every other form; the parser decides about those
 */
export function bytesOfOnlyMember(dictionary: string, key: string): Uint8Array | undefined {
  const [, only, text = '', padding = ''] = onlyBytes.exec(dictionary) ?? [];
  if (only !== key || (text.length + padding.length) % 4 !== 0) return undefined;
  return fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_'));
}

/** What a peer sent, short enough for an answer or a log. */
export function quoted(text: string): string {
  return text.length > 64 ? `"${text.slice(0, 64)}…"` : `"${text}"`;
}
