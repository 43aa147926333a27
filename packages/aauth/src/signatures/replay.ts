import { toBase64url } from '../base64url.ts';
import type { Clock } from '../clock.ts';
import { createReplayBounds } from './replay-bounds.ts';
import type { ReplayCaller } from './replay-caller.ts';
import type { HttpMessage, VerifiedSignature } from './types.ts';

/** Remembers which signatures have been seen. An implementation may share its memory between replicas. */
export interface ReplayCache {
  /**
   * Claims a signature for the caller.
   *
   * @param id from {@link replayId}
   * @param expiresAt from {@link replayExpiry}; seconds since the epoch
   * @param caller from {@link replayCaller}: whose share of the memory it takes
   * @returns `true` the first time, `false` when it has been claimed before
   * @throws UnavailableError when it cannot remember another one: then nobody can tell, and the request must be refused
   * @throws RateLimitError when it cannot remember another one of this caller
   */
  claim(id: string, expiresAt: number, caller: ReplayCaller): boolean | Promise<boolean>;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Whether a repeat of a verified request is to be refused: its method changes state, and its body is covered or it has none.
 * With a body that is not covered, two different requests of the same second can have the same signature.
 * AAuth Protocol, "Freshness and Replay"; the rule is (ours). Never throws.
 *
 * @param message the request
 * @param signature what verifying it gave
 * @returns `false` for safe methods too
 */
export function isReplayChecked(message: HttpMessage, signature: VerifiedSignature): boolean {
  if (safeMethods.has(message.method)) return false;
  return !signature.hasBody || signature.contentDigest !== undefined;
}

/**
 * What identifies a signature: its key, and the first half of its bytes. The second half is left out because anyone can turn an
 * ES256 signature (r, s) into (r, −s), which verifies too; r and the R of Ed25519 cannot be changed without the private key.
 * AAuth Protocol, "Freshness and Replay"; the rule is (ours). Never throws.
 *
 * @param signature what verifying a request gave
 * @returns text for {@link ReplayCache.claim}
 */
export function replayId(signature: VerifiedSignature): string {
  return `${signature.jkt}.${toBase64url(signature.signature.subarray(0, 32))}`;
}

/**
 * When a signature can be forgotten, because it is too old to be accepted.
 * AAuth Protocol, "Freshness and Replay". Never throws.
 *
 * @param signature what verifying a request gave
 * @param window the one it was verified with, in seconds
 * @returns seconds since the epoch
 */
export function replayExpiry(signature: VerifiedSignature, window = 60): number {
  const { created, expires = Number.POSITIVE_INFINITY } = signature;
  return Math.min(created + window, expires);
}

/**
 * A {@link ReplayCache} in memory, for one process. An entry is dropped when it has expired and never before: when it is full of
 * entries that have not, `claim` throws UnavailableError (503 with `Retry-After`) instead of forgetting one, so a flood of
 * signed requests makes the service refuse and never makes it accept a replay. One caller, or one issuer with all its agents,
 * cannot fill it: {@link createReplayBounds}.
 * AAuth Protocol, "Freshness and Replay".
 *
 * @param options.maxEntries default 200,000, about 35 MB when it is full
 * @param options.now the time by which entries expire
 * @returns an empty cache
 */
export function createReplayCache({
  maxEntries = 200_000,
  now,
}: {
  readonly maxEntries?: number;
  readonly now: Clock;
}): ReplayCache {
  const bounds = createReplayBounds({ maxEntries, now });
  const seen = new Set<string>();
  const expiring = new Map<number, string[]>();
  let sweptAt = Number.NaN;

  function sweep(second: number): void {
    if (second === sweptAt) return;
    sweptAt = second;
    for (const [expiry, ids] of expiring) {
      if (expiry >= second) continue;
      expiring.delete(expiry);
      for (const id of ids) seen.delete(id);
      bounds.forget(expiry, expiry);
    }
  }

  return {
    claim(id, expiresAt, caller) {
      sweep(Math.floor(now()));
      if (seen.has(id)) return false;
      bounds.admit(caller, expiresAt, seen.size);
      bounds.count(caller, expiresAt);
      seen.add(id);
      const expiry = Math.ceil(expiresAt);
      const sameSecond = expiring.get(expiry);
      if (sameSecond) sameSecond.push(id);
      else expiring.set(expiry, [id]);
      return true;
    },
  };
}
