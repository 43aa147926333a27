import type { Discovery } from '@aauth-stack/aauth/discovery';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { PublicJwk } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';

/** Finds keys among those that were given, by `kid`, and asks nobody. */
export function offlineDiscovery(keys: readonly PublicJwk[]): Discovery {
  return {
    async metadata(issuer) {
      throw new UnavailableError(`The metadata of ${issuer} is not asked for: --offline.`);
    },
    async key(issuer, _dwk, kid) {
      const found = keys.find((key) => key.kid === kid) ?? (keys.length === 1 && keys[0]?.kid === undefined && keys[0]);
      if (!found) throw new UnavailableError(`The key "${kid}" of ${issuer} is not among those in --keys.`);
      return nodeKeys.verificationKey(found);
    },
    keyAfterFailure: async () => undefined,
  };
}
