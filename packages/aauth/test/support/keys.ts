import type { SignatureAlgorithm, SigningKey } from '../../src/keys/types.ts';
import { nodeKeys } from '../../src/node/keys.ts';

/** A fresh key, published under `kid` if one is given. */
export async function createKey(kid?: string, alg: SignatureAlgorithm = 'Ed25519'): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate(alg)), ...(kid && { kid }) });
}
