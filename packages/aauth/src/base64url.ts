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

/** Encodes bytes as base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Whether a value is 32 bytes in base64url as {@link fromBase64url} reads it, such as a hash or a coordinate of a key. */
export function is32Bytes(value: unknown): value is string {
  return typeof value === 'string' && exactly32Bytes.test(value);
}

const exactly32Bytes = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
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
