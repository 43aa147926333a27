import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { parsePrivateJwk, toPublicJwk } from '../keys/jwk.ts';
import { invalidPoint, mismatchedHalves } from '../keys/key-errors.ts';
import { requiredMembers, thumbprintInput, thumbprintOfHash } from '../keys/thumbprint.ts';
import type {
  KeyBackend,
  PrivateJwk,
  PublicJwk,
  SignatureAlgorithm,
  SigningKey,
  VerificationKey,
} from '../keys/types.ts';

const signatureLength = 64;

/**
 * Keys on `node:crypto`. Everything is synchronous, which for Ed25519 and ES256 is several times faster than WebCrypto's
 * trip through the thread pool.
 *
 * `verificationKey` and `signingKey` throw SignatureError `invalid_key` for a point that is not on the curve and for a `d`
 * that does not belong to the public half.
 */
export const nodeKeys: KeyBackend = {
  generate: (alg) => exportPrivateJwk(generateKeyObject(alg), alg),
  verificationKey,
  signingKey,
  sha256,
};

/** The algorithm that a private key of `node:crypto` signs with, `undefined` if none of ours. */
export function algorithmOf(key: KeyObject): SignatureAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? 'ES256' : undefined;
}

/** A private key as a JWK with its fully specified `alg`. */
export function exportPrivateJwk(key: KeyObject, alg: SignatureAlgorithm): PrivateJwk {
  return parsePrivateJwk({ ...key.export({ format: 'jwk' }), alg });
}

/** A private JWK as a key of `node:crypto`, whose halves have been checked against each other. */
export function importPrivateJwk(jwk: PrivateJwk): KeyObject {
  const key = importJwk(jwk, () => createPrivateKey({ key: { ...requiredMembers(jwk), d: jwk.d }, format: 'jwk' }));
  const derived = createPublicKey(key).export({ format: 'jwk' });
  if (derived.x !== jwk.x || (jwk.kty === 'EC' && derived.y !== jwk.y)) throw mismatchedHalves();
  return key;
}

function verificationKey(jwk: PublicJwk): VerificationKey {
  const publicJwk = toPublicJwk(jwk);
  const members = requiredMembers(publicJwk);
  const key = importJwk(publicJwk, () => createPublicKey({ key: { ...members }, format: 'jwk' }));
  return {
    publicJwk,
    alg: publicJwk.alg,
    thumbprint: thumbprintOfHash(sha256(thumbprintInput(members))),
    verify:
      publicJwk.alg === 'Ed25519'
        ? (signature, data) => signature.length === signatureLength && verify(null, data, key, signature)
        : (signature, data) =>
            signature.length === signatureLength &&
            verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature),
  };
}

function signingKey(jwk: PrivateJwk): SigningKey {
  const key = importPrivateJwk(jwk);
  const { publicJwk, alg, thumbprint } = verificationKey(jwk);
  return {
    publicJwk,
    alg,
    thumbprint,
    kid: publicJwk.kid,
    sign:
      alg === 'Ed25519'
        ? (data) => sign(null, data, key)
        : (data) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

function generateKeyObject(alg: SignatureAlgorithm): KeyObject {
  return alg === 'Ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function importJwk(jwk: PublicJwk, create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch (cause) {
    throw invalidPoint(jwk.alg, cause);
  }
}

function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer');
}
