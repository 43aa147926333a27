import { type Dictionary, parseDictionary } from 'structured-headers';
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

/** What a peer sent, short enough for an answer or a log. */
export function quoted(text: string): string {
  return text.length > 64 ? `"${text.slice(0, 64)}…"` : `"${text}"`;
}
