import { SignatureError } from '../errors.ts';
import type { SignatureAlgorithm } from './types.ts';

/** The key is well formed and still no key: its point is not on the curve. */
export function invalidPoint(alg: SignatureAlgorithm, cause: unknown): SignatureError {
  return new SignatureError('invalid_key', `The coordinates are not those of an ${alg} key.`, { cause });
}

/** `d` belongs to another public key. */
export function mismatchedHalves(): SignatureError {
  return new SignatureError('invalid_key', 'The private half of the JWK does not belong to its public half.');
}
