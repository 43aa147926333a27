import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A key pair as three parties see it. */
export interface KeyPair {
  readonly alg: string;
  readonly kid: string;
  readonly privateJwk: JWK;
  /** For `cnf.jwk`: public, with its algorithm and without a name. */
  readonly publicJwk: JWK;
  /** For a JWKS: public, under `kid`. */
  readonly published: JWK;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

export async function createKeyPair(kid: string, alg: 'Ed25519' | 'ES256' = 'Ed25519'): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), alg };
  return {
    alg,
    kid,
    privateJwk: { ...(await exportJWK(privateKey)), alg },
    publicJwk,
    published: { ...publicJwk, kid, use: 'sig' },
    thumbprint: await calculateJwkThumbprint(publicJwk),
  };
}
