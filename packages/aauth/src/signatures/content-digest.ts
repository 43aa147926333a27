import { isInnerList } from 'structured-headers';
import { toBase64 } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { sha256 } from '../keys/sha256.ts';
import type { KeyBackend } from '../keys/types.ts';
import { bytesOfOnlyMember, parseSignatureDictionary } from './structured-field.ts';

const hashLength = 32;

/**
 * The `Content-Digest` of a body: `sha-256=:…:` (RFC 9530 §2).
 * Never throws.
 *
 * @param body all of it, as it is sent
 * @param backend where the hash is computed; WebCrypto by default
 * @returns the field value
 */
export async function contentDigest(
  body: Uint8Array,
  backend: Pick<KeyBackend, 'sha256'> = { sha256 },
): Promise<string> {
  return `sha-256=:${toBase64(await backend.sha256(body))}:`;
}

/**
 * Parses a `Content-Digest` and takes its `sha-256` member. Other algorithms beside it are ignored (RFC 9530 §2); without
 * it nothing could be compared.
 *
 * @param header the field value, repeated lines joined with `, `
 * @returns 32 bytes
 * @throws SignatureError `invalid_signature` when the header is malformed, repeats a member or has no SHA-256
 */
export function parseContentDigest(header: string): Uint8Array {
  const usual = bytesOfOnlyMember(header, 'sha-256');
  if (usual?.length === hashLength) return usual;
  const member = parseSignatureDictionary('Content-Digest', header).get('sha-256');
  const value = member && !isInnerList(member) ? member[0] : undefined;
  if (value instanceof ArrayBuffer && value.byteLength === hashLength) return new Uint8Array(value);
  throw new SignatureError('invalid_signature', 'The Content-Digest header has no sha-256 member of 32 bytes.');
}
