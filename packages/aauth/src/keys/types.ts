declare const thumbprint: unique symbol;

/** RFC 7638 SHA-256 thumbprint of a public key, base64url without padding (43 characters). */
export type Thumbprint = string & { readonly [thumbprint]: true };

/** The fully specified algorithms that sign anything here (RFC 9864). */
export const signatureAlgorithms = ['Ed25519', 'ES256'] as const;

/** The name of an algorithm that signs: `alg` of a JWK and of a JWS. */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

interface JwkCommon {
  readonly kid?: string;
  readonly use?: 'sig';
}

/** A public key for EdDSA on Curve25519 (RFC 8037 §2); `x` is 32 bytes in base64url. */
export interface Ed25519PublicJwk extends JwkCommon {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly alg: 'Ed25519';
  readonly x: string;
}

/** A public key for ECDSA on P-256 with SHA-256 (RFC 7518 §6.2.1); `x` and `y` are 32 bytes each in base64url. */
export interface Es256PublicJwk extends JwkCommon {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly alg: 'ES256';
  readonly x: string;
  readonly y: string;
}

/** A public key whose `alg`, `kty`, `crv` and coordinates have been checked against each other. */
export type PublicJwk = Ed25519PublicJwk | Es256PublicJwk;

/** A private key: the public one with `d`. Never logged, never sent. */
export type PrivateJwk = PublicJwk & { readonly d: string };

/** A public key ready to verify with. */
export interface VerificationKey {
  readonly publicJwk: PublicJwk;
  readonly alg: SignatureAlgorithm;
  readonly thumbprint: Thumbprint;
  /** Whether `signature` (Ed25519: 64 bytes; ES256: r‖s, 64 bytes) is this key's over `data`. Never throws for bad input. */
  verify(signature: Uint8Array, data: Uint8Array): boolean | Promise<boolean>;
}

/** A private key ready to sign with. */
export interface SigningKey {
  readonly publicJwk: PublicJwk;
  readonly alg: SignatureAlgorithm;
  readonly thumbprint: Thumbprint;
  /** The `kid` under which the key is published, where it is. */
  readonly kid?: string;
  /** The signature over `data`: 64 bytes, for ES256 r‖s. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Where the arithmetic happens: WebCrypto by default, `node:crypto` from `@aauth-stack/aauth/node`. */
export interface KeyBackend {
  generate(alg: SignatureAlgorithm): PrivateJwk | Promise<PrivateJwk>;
  /** @throws SignatureError `invalid_key` when the point is not on its curve */
  verificationKey(jwk: PublicJwk): VerificationKey | Promise<VerificationKey>;
  /** @throws SignatureError `invalid_key` when the private half does not belong to the public one */
  signingKey(jwk: PrivateJwk): SigningKey | Promise<SigningKey>;
  sha256(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
