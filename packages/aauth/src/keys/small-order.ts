import { toBase64url } from '../base64url.ts';

// The y coordinates of the eight points of small order, and those at or above the field prime that reduce to one of them
// (libsodium's ge25519_has_small_order has the same list); little-endian, without the sign bit.
const smallOrderPoints = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

const encodings = new Set(
  smallOrderPoints.flatMap((hex) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    return [0, 0x80].map((signBit) => toBase64url(bytes.with(31, (bytes[31] ?? 0) | signBit)));
  }),
);

/**
 * Whether an Ed25519 public key is a point of small order (RFC 8032 §5.1). With such a key there are signatures that
 * verify for every message, so they prove possession of nothing. Some runtimes refuse them when verifying, others do not.
 *
 * @param x the `x` of the JWK, canonical base64url
 */
export function isSmallOrder(x: string): boolean {
  return encodings.has(x);
}
