import { is32Bytes, toBase64url } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { sha256 } from './sha256.ts';
import type { KeyBackend, PublicJwk, Thumbprint } from './types.ts';

const uriPrefix = 'urn:jkt:sha-256:';
const encoder = new TextEncoder();

/**
 * The SHA-256 thumbprint of a key (RFC 7638; RFC 8037 §2 for Ed25519). `alg`, `kid` and `use` do not enter it.
 * Never throws.
 *
 * @param jwk a parsed key, private or public
 * @param backend where the hash is computed; WebCrypto by default
 * @returns 43 characters of base64url
 */
export async function jwkThumbprint(
  jwk: PublicJwk,
  backend: Pick<KeyBackend, 'sha256'> = { sha256 },
): Promise<Thumbprint> {
  return thumbprintOfHash(await backend.sha256(thumbprintInput(requiredMembers(jwk))));
}

/**
 * Parses a thumbprint: 32 bytes in canonical base64url.
 * RFC 7638 §3.
 *
 * @param value anything, for instance the claim `agent_jkt`
 * @returns the same text, marked as checked
 * @throws SignatureError `invalid_key`
 */
export function parseThumbprint(value: unknown): Thumbprint {
  if (is32Bytes(value)) return value as Thumbprint;
  throw new SignatureError('invalid_key', 'A JWK thumbprint is a SHA-256 hash in base64url, 43 characters.');
}

/**
 * The URI of a thumbprint, `urn:jkt:sha-256:…` (Signature-Key, "JKT JWT").
 * Never throws.
 *
 * @param thumbprint of a key
 * @returns the URI
 */
export function thumbprintUri(thumbprint: Thumbprint): string {
  return `${uriPrefix}${thumbprint}`;
}

/**
 * Parses a `urn:jkt:sha-256:…`.
 * Signature-Key, "JKT JWT".
 *
 * @param value anything, for instance `iss` of a jkt-jwt
 * @returns the thumbprint in it
 * @throws SignatureError `invalid_key`
 */
export function parseThumbprintUri(value: unknown): Thumbprint {
  if (typeof value !== 'string' || !value.startsWith(uriPrefix)) {
    throw new SignatureError('invalid_key', `A thumbprint URI starts with "${uriPrefix}".`);
  }
  return parseThumbprint(value.slice(uriPrefix.length));
}

/** The members that enter a thumbprint (RFC 7638 §3.2). */
export function requiredMembers(jwk: PublicJwk): Readonly<Record<string, string>> {
  const { kty, crv, x } = jwk;
  return jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x };
}

/** The bytes to hash: the members in lexicographic order, without white space (RFC 7638 §3.3). */
export function thumbprintInput(members: Readonly<Record<string, string>>): Uint8Array {
  return encoder.encode(JSON.stringify(members, Object.keys(members).sort()));
}

export function thumbprintOfHash(hash: Uint8Array): Thumbprint {
  return parseThumbprint(toBase64url(hash));
}
