export { parseAlgorithm, parsePrivateJwk, parsePublicJwk, toPublicJwk } from './jwk.ts';
export { jwkThumbprint, parseThumbprint, parseThumbprintUri, thumbprintUri } from './thumbprint.ts';
export type {
  Ed25519PublicJwk,
  Es256PublicJwk,
  KeyBackend,
  PrivateJwk,
  PublicJwk,
  SignatureAlgorithm,
  SigningKey,
  Thumbprint,
  VerificationKey,
} from './types.ts';
export { signatureAlgorithms } from './types.ts';
export { webCryptoKeys } from './webcrypto.ts';
