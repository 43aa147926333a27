import type { Clock } from '../clock.ts';
import { AAuthError, UnavailableError } from '../errors.ts';
import type { ReplayCache } from './replay.ts';
import { createReplayBounds } from './replay-bounds.ts';

/** Where replicas keep the signatures that they have seen. */
export interface ReplayStore {
  /** Stores an id with its expiry, in seconds since the epoch. One statement: of two at once, one is told `false`. */
  add(id: string, expiresAt: number): Promise<boolean>;
  /**
   * Drops the entries that expired before a time.
   *
   * @returns how many are left, and the first and the last expiry of those that were dropped, if there were any
   */
  dropExpired(before: number): Promise<{ left: number; dropped: { from: number; to: number } | undefined }>;
}

/** A {@link ReplayCache} over a {@link ReplayStore}. */
export interface StoredReplayCache extends ReplayCache {
  claim(id: string, expiresAt: number, caller: Parameters<ReplayCache['claim']>[2]): Promise<boolean>;
  /** Drops what is too old to be accepted anyway. Happens by itself when there are claims. */
  purge(): Promise<void>;
}

/** Seconds between two purges, and while every second place is taken. */
const purgeInterval = 30;
const crowdedPurgeInterval = 5;

/**
 * Makes a {@link ReplayCache} that replicas and restarts share, with the bounds of {@link createReplayBounds}. A store that fails
 * is 503 for the request: it has not been refused for anything in it, and it is not let through.
 * AAuth Protocol, "Freshness and Replay". Making one never throws.
 *
 * @param options.store keeps the entries
 * @param options.maxEntries how many it keeps at most
 * @param options.now the time by which entries expire
 * @returns the cache; it does nothing until it is asked
 */
export function createStoredReplayCache({
  store,
  maxEntries,
  now,
}: {
  readonly store: ReplayStore;
  readonly maxEntries: number;
  readonly now: Clock;
}): StoredReplayCache {
  const bounds = createReplayBounds({ maxEntries, now });
  let stored = 0;
  let purgedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  async function dropExpired(): Promise<void> {
    const time = now();
    const { left, dropped } = await store.dropExpired(time);
    stored = left;
    purgedAt = time;
    if (dropped) bounds.forget(dropped.from, dropped.to);
  }

  function purge(): Promise<void> {
    underWay ??= dropExpired().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function claim(...[id, expiresAt, caller]: Parameters<ReplayCache['claim']>): Promise<boolean> {
    const interval = stored < maxEntries / 2 ? purgeInterval : crowdedPurgeInterval;
    // The clock may have been set back.
    if (Math.abs(now() - purgedAt) >= interval) await purge();
    bounds.admit(caller, expiresAt, stored);
    const isFirst = await store.add(id, expiresAt);
    if (!isFirst) return false;
    stored += 1;
    bounds.count(caller, expiresAt);
    return true;
  }

  return {
    purge,
    async claim(...entry) {
      try {
        return await claim(...entry);
      } catch (cause) {
        if (cause instanceof AAuthError) throw cause;
        const detail = 'Whether this request has been seen before cannot be told at the moment.';
        throw new UnavailableError(detail, { cause });
      }
    },
  };
}
