import { type Clock, wasSetBack } from '../clock.ts';
import { isPending, type MaybePromise } from '../maybe-promise.ts';
import type { PresentedToken } from '../tokens/types.ts';
import type { TokenVerifier } from '../tokens/verify-token.ts';

/**
 * Seconds that a verified token is taken at its word at most. After that its issuer's keys are looked at again (they are cached
 * too), so that a key the issuer has withdrawn stops counting for tokens that were seen before.
 */
const longestUse = 300;

export interface TokenCacheOptions {
  readonly now: Clock;
  /** How many tokens are remembered; the least recently used one goes first. */
  readonly maxEntries: number;
  /** Throws when a token that was verified before is no longer good: at every use. */
  readonly recheck: (token: PresentedToken) => MaybePromise<undefined>;
}

interface Remembered {
  readonly token: PresentedToken;
  /** Seconds since the epoch. */
  readonly since: number;
  readonly until: number;
}

/**
 * Remembers verified tokens by their exact text, so that a further request of the same agent costs one signature verification.
 * An entry ends with its token. What can have changed is asked about at every use. Nothing unverified is ever remembered.
 */
export function cacheVerifiedTokens(
  verifyToken: TokenVerifier,
  options: TokenCacheOptions,
): (compact: string) => MaybePromise<PresentedToken> {
  const { now, maxEntries, recheck } = options;
  const remembered = new Map<string, Remembered>();
  let sweptAt = options.now();

  return function verifyCachedToken(compact) {
    const entry = remembered.get(compact);
    remembered.delete(compact);
    if (entry && now() < entry.until && !wasSetBack(now, entry.since)) {
      remembered.set(compact, entry);
      const { token } = entry;
      const checking = recheck(token);
      return isPending(checking) ? checking.then(() => token) : token;
    }
    return verifyNewToken(compact);
  };

  async function verifyNewToken(compact: string): Promise<PresentedToken> {
    const token = await verifyToken(compact);
    const [leastRecentlyUsed] = remembered.keys();
    if (leastRecentlyUsed !== undefined && remembered.size >= maxEntries) remembered.delete(leastRecentlyUsed);
    sweep();
    const since = now();
    remembered.set(compact, { token, since, until: Math.min(token.expiresAt, since + longestUse) });
    return token;
  }

  /** Most tokens are not presented again once they are outdated, and would stay until as many others have come. */
  function sweep(): void {
    const time = now();
    // The clock may have been set back.
    if (Math.abs(time - sweptAt) < longestUse) return;
    sweptAt = time;
    for (const [compact, { until }] of remembered) if (until <= time) remembered.delete(compact);
  }
}
