import { type Item, isInnerList, parseDictionary, Token } from 'structured-headers';
import { readErrorCode } from '../peer-text.ts';
import { findRepeatedKey } from '../structured-fields.ts';

/** What `Signature-Error` says. */
export interface SignatureRefusal {
  /** A registered code or another. */
  readonly code: string;
  /** With `invalid_input`: every component that the verifier requires. A component with parameters is kept as `undefined`. */
  readonly requiredInput: readonly (string | undefined)[] | undefined;
}

/**
 * Reads the `Signature-Error` of a 401 (Signature-Key, "Signature-Error"). The body is not looked at.
 *
 * @returns `undefined` for another status, or when the header is missing or malformed
 */
export function readSignatureRefusal(response: Response): SignatureRefusal | undefined {
  const header = response.headers.get('signature-error');
  if (response.status !== 401 || header === null || findRepeatedKey(header) !== undefined) return undefined;
  try {
    const members = parseDictionary(header);
    const token = members.get('error')?.[0];
    const code = token instanceof Token ? readErrorCode(token.toString()) : undefined;
    if (code === undefined) return undefined;
    const required = members.get('required_input');
    const requiredInput = required && isInnerList(required) ? required[0].map(componentName) : undefined;
    return { code, requiredInput };
  } catch {
    return undefined;
  }
}

function componentName([name, parameters]: Item): string | undefined {
  return typeof name === 'string' && parameters.size === 0 ? name : undefined;
}
