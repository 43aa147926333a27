import { randomUUID } from 'node:crypto';
import type { Jwt } from './jwt.ts';
import type { KeyPair } from './keys.ts';
import { now } from './tokens.ts';

/** `jkt-s256+jwt`: the stable key, which signs it, vouches for the key that signs the request. */
export function keyProof(stableKey: KeyPair, ephemeralKey: KeyPair): Jwt {
  return {
    header: { alg: stableKey.alg, typ: 'jkt-s256+jwt', jwk: stableKey.publicJwk },
    claims: {
      iss: `urn:jkt:sha-256:${stableKey.thumbprint}`,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 300,
      cnf: { jwk: ephemeralKey.publicJwk },
    },
  };
}
