import { SignatureError } from '../errors.ts';
import { parsePublicJwk } from '../keys/jwk.ts';
import type { KeyBackend } from '../keys/types.ts';
import type { SchemeResolver } from './types.ts';

/**
 * The resolver of scheme `hwk`: the parameters are the members of the JWK (Signature-Key, "Header Web Key"). It tells a key
 * and nothing about its owner.
 *
 * The resolver throws SignatureError `unsupported_algorithm` when `alg` is absent or not accepted, `invalid_key` when the key is
 * malformed or has a `kid`, which could name another one.
 *
 * @param options.keys makes the key ready to verify with
 * @returns the resolver, for a scheme table
 */
export function hwkScheme({ keys }: { readonly keys: KeyBackend }): SchemeResolver<never> {
  return async ({ parameters }) => {
    if (parameters.has('kid')) throw new SignatureError('invalid_key', 'A key in the header has no "kid".');
    const key = await keys.verificationKey(parsePublicJwk(Object.fromEntries(parameters)));
    return { key, identity: { scheme: 'hwk' } };
  };
}
