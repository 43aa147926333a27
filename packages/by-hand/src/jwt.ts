import { base64url, CompactSign, compactVerify, createLocalJWKSet, importJWK, type JWK } from 'jose';
import type { KeyPair } from './keys.ts';

export type Members = Readonly<Record<string, unknown>>;

/** A JWT before it is signed, or after it has been verified. */
export interface Jwt {
  readonly header: Members & { readonly alg: string };
  readonly claims: Members;
}

/** Changes to a JWT. A member that is `undefined` is left out. */
export interface Changes {
  readonly header?: Members;
  readonly claims?: Members;
}

export function change(jwt: Jwt, { header, claims }: Changes): Jwt {
  return { header: { ...jwt.header, ...header }, claims: { ...jwt.claims, ...claims } };
}

/** Signs the JSON of a JWT as it stands. With `alg: none`, the third part is empty. */
export async function sign({ header, claims }: Jwt, key: KeyPair): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  if (header.alg === 'none') {
    return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(payload)}.`;
  }
  const signingKey = await importJWK({ ...key.privateJwk, alg: header.alg }, header.alg);
  return new CompactSign(payload).setProtectedHeader(header).sign(signingKey);
}

/** What a JWT says, once its signature by one of the keys holds. */
export async function read(compact: string, keys: readonly JWK[]): Promise<Jwt> {
  const { payload, protectedHeader } = await compactVerify(compact, createLocalJWKSet({ keys: [...keys] }));
  return { header: protectedHeader, claims: JSON.parse(new TextDecoder().decode(payload)) };
}

/** What a JWT says, whoever signed it. */
export function peek(compact: string): Jwt {
  const [header, claims] = compact.split('.').map((part) => new TextDecoder().decode(base64url.decode(part)));
  return { header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? '') };
}

/** Flips one bit of one byte of a compact JWT: the first that follows `after` in the decoded part. */
export function flipBit(compact: string, part: 'header' | 'claims' | 'signature', after = ''): string {
  const parts = compact.split('.');
  const index = ['header', 'claims', 'signature'].indexOf(part);
  const bytes = base64url.decode(parts[index] ?? '');
  const at = Buffer.from(bytes).indexOf(after) + after.length;
  bytes.set([(bytes[at] ?? 0) ^ 1], at);
  return parts.with(index, base64url.encode(bytes)).join('.');
}
