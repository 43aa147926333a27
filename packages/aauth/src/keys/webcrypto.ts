import { parsePrivateJwk, toPublicJwk } from './jwk.ts';
import { invalidPoint, mismatchedHalves } from './key-errors.ts';
import { ownBuffer, sha256 } from './sha256.ts';
import { jwkThumbprint } from './thumbprint.ts';
import type { KeyBackend, PrivateJwk, PublicJwk, SigningKey, VerificationKey } from './types.ts';

const importAlgorithms = {
  Ed25519: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

const signAlgorithms = {
  Ed25519: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
} as const;

const signatureLength = 64;

/**
 * Keys on WebCrypto: every browser, edge runtime and Node. Private keys are imported as not extractable.
 *
 * `verificationKey` and `signingKey` throw SignatureError `invalid_key` for a point that is not on the curve and for a `d`
 * that does not belong to the public half.
 */
export const webCryptoKeys: KeyBackend = {
  async generate(alg) {
    const pair = await crypto.subtle.generateKey(importAlgorithms[alg], true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new TypeError(`This WebCrypto does not make key pairs for ${alg}.`);
    return parsePrivateJwk({ ...(await crypto.subtle.exportKey('jwk', pair.privateKey)), alg });
  },
  verificationKey,
  signingKey,
  sha256,
};

async function verificationKey(jwk: PublicJwk): Promise<VerificationKey> {
  const publicJwk = toPublicJwk(jwk);
  const key = await importKey(publicJwk, 'verify');
  return {
    publicJwk,
    alg: publicJwk.alg,
    thumbprint: await jwkThumbprint(publicJwk),
    verify: async (signature, data) =>
      signature.length === signatureLength &&
      crypto.subtle.verify(signAlgorithms[publicJwk.alg], key, ownBuffer(signature), ownBuffer(data)),
  };
}

async function signingKey(jwk: PrivateJwk): Promise<SigningKey> {
  const key = await importKey(jwk, 'sign');
  const { publicJwk, alg, thumbprint, verify } = await verificationKey(jwk);
  const sign = async (data: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(signAlgorithms[alg], key, ownBuffer(data)));
  const probe = new TextEncoder().encode('Does this private key belong to that public key?');
  if (!(await verify(await sign(probe), probe))) throw mismatchedHalves();
  return { publicJwk, alg, thumbprint, kid: publicJwk.kid, sign };
}

async function importKey(jwk: PublicJwk | PrivateJwk, usage: 'sign' | 'verify'): Promise<CryptoKey> {
  // Without alg, kid and use: runtimes differ in what they accept there, and all three have been checked.
  const { kty, crv, x } = jwk;
  const members = {
    kty,
    crv,
    x,
    ...(jwk.kty === 'EC' && { y: jwk.y }),
    ...(usage === 'sign' && 'd' in jwk && { d: jwk.d }),
  };
  try {
    return await crypto.subtle.importKey('jwk', members, importAlgorithms[jwk.alg], false, [usage]);
  } catch (cause) {
    throw invalidPoint(jwk.alg, cause);
  }
}
