import { isPending } from '../maybe-promise.ts';
import type { KeyBackend, PublicJwk, VerificationKey } from './types.ts';

type VerificationKeys = Pick<KeyBackend, 'verificationKey'>;

/**
 * Makes each key ready once, and the least recently used one again when more than `maxEntries` are in use: an agent keeps its key
 * from one token to the next, and has it in its agent, person and auth tokens.
 *
 * @param keys makes them ready
 * @param maxEntries ones that are kept
 */
export function rememberKeys(keys: VerificationKeys, maxEntries = 1000): VerificationKeys {
  const remembered = new Map<string, VerificationKey>();

  function remember(id: string, key: VerificationKey): VerificationKey {
    remembered.delete(id);
    const [leastRecentlyUsed] = remembered.keys();
    if (leastRecentlyUsed !== undefined && remembered.size >= maxEntries) remembered.delete(leastRecentlyUsed);
    remembered.set(id, key);
    return key;
  }

  return {
    verificationKey(jwk) {
      const id = everyMember(jwk);
      const making = remembered.get(id) ?? keys.verificationKey(jwk);
      return isPending(making) ? making.then((key) => remember(id, key)) : remember(id, making);
    },
  };
}

// Of these only the last can have a space in it.
function everyMember(jwk: PublicJwk): string {
  return `${jwk.alg} ${jwk.x} ${jwk.kty === 'EC' ? jwk.y : ''} ${jwk.use ?? ''} ${jwk.kid ?? ''}`;
}
