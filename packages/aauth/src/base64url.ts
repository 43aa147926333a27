import * as jose from 'jose/base64url';

/**
 * Encodes bytes as base64url without padding (RFC 4648 §5, RFC 7515 §2).
 */
export function toBase64url(bytes: Uint8Array): string {
  return jose.encode(bytes);
}

/**
 * Decodes base64url without padding. Strict: a character outside the alphabet, padding, an impossible length or bits set
 * beyond the last byte make it `undefined`, so that every byte string has exactly one spelling.
 */
export function fromBase64url(text: string): Uint8Array | undefined {
  return isBase64url(text) ? jose.decode(text) : undefined;
}

const alphabet = /^[A-Za-z0-9_-]*$/;

function isBase64url(text: string): boolean {
  if (!alphabet.test(text)) return false;
  switch (text.length % 4) {
    case 0:
      return true;
    case 2:
      return 'AQgw'.includes(text.charAt(text.length - 1));
    case 3:
      return 'AEIMQUYcgkosw048'.includes(text.charAt(text.length - 1));
    default:
      return false;
  }
}
