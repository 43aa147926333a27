import { parsePublicJwk } from '../keys/index.ts';
import type { KeyBackend, PublicJwk, VerificationKey } from '../keys/types.ts';
import { readJsonDocument, unusable } from './json-document.ts';
import type { EgressResponse } from './types.ts';

/**
 * The keys a server publishes (AAuth Protocol, "JWKS Discovery and Caching"). A member is looked at when its `kid` is asked for, and
 * not before.
 */
export interface KeySet {
  /**
   * The key published under `kid`, made ready once; `undefined` when there is none.
   * @throws SignatureError `unsupported_algorithm` | `invalid_key` when no member with that `kid` is a key of ours
   */
  find(kid: string): Promise<VerificationKey | undefined>;
}

/**
 * Judges a JWKS (RFC 7517 §5): an object with an array `keys`. Says nothing about its members.
 *
 * @throws UnavailableError when it is anything else
 */
export function readKeySet(url: URL, response: EgressResponse, keys: KeyBackend): KeySet {
  const document = readJsonDocument(url, response);
  if (!Array.isArray(document.keys)) throw unusable(url, 'is not a JWKS: it has no array of keys');
  const members = membersByKid(document.keys);
  const ready = new Map<string, Promise<VerificationKey>>();
  const verificationKey = async (candidates: readonly unknown[]) => keys.verificationKey(firstUsable(candidates));

  return {
    async find(kid) {
      const candidates = members.get(kid);
      if (!candidates) return undefined;
      const key = ready.get(kid) ?? verificationKey(candidates);
      ready.set(kid, key);
      return key;
    },
  };
}

function membersByKid(members: readonly unknown[]): ReadonlyMap<string, unknown[]> {
  const byKid = new Map<string, unknown[]>();
  for (const member of members) {
    const kid = typeof member === 'object' && member !== null && 'kid' in member ? member.kid : undefined;
    if (typeof kid !== 'string') continue;
    const namesakes = byKid.get(kid);
    if (namesakes) namesakes.push(member);
    else byKid.set(kid, [member]);
  }
  return byKid;
}

// RFC 7517 §4.5 lets keys of different types share a kid: the first one that we can use is meant for us.
function firstUsable(candidates: readonly unknown[]): PublicJwk {
  const [first, ...others] = candidates;
  try {
    return parsePublicJwk(first);
  } catch (error) {
    if (others.length === 0) throw error;
    return firstUsable(others);
  }
}
