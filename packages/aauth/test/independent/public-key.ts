/** A public key that nobody here holds (RFC 8037, appendix A.2). */
export const anotherKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  alg: 'Ed25519',
} as const;
