import type { Clock } from '../clock.ts';
import { UnavailableError } from '../errors.ts';

export interface IssuerCacheOptions {
  /** How many issuers that nobody configured are kept. */
  readonly maxEntries: number;
  readonly now: Clock;
}

/** What is known of each issuer, by an id; bounded. */
export interface IssuerCache<Entry> {
  /**
   * @param pinned the issuer is configured here: always admitted, never evicted, not counted
   * @throws UnavailableError when too many unknown issuers were named within a minute
   */
  get(id: string, pinned: boolean, create: () => Entry): Entry;
}

/**
 * Anybody can name issuers, with as many domains as they like, so recency alone must not decide who is forgotten: unknown
 * issuers are admitted at no more than an eighth of the capacity a minute, and the least recently used one makes room. To push
 * out an issuer takes as many newcomers as there are places, which takes at least seven minutes in which nobody used it. So an
 * issuer in use is never evicted, and one that was evicted is never asked again within its minute. What is left to an attacker
 * is to delay the admission of other newcomers; configured issuers are exempt from all of this.
 */
export function createIssuerCache<Entry>(options: IssuerCacheOptions): IssuerCache<Entry> {
  const { maxEntries, now } = options;
  const admissionsPerMinute = Math.max(1, Math.floor(maxEntries / 8));
  const pinnedEntries = new Map<string, Entry>();
  const entries = new Map<string, Entry>();
  let admissions = admissionsPerMinute;
  let countedAt = now();

  function admit(): void {
    const time = now();
    const passed = Math.max(0, time - countedAt);
    admissions = Math.min(admissionsPerMinute, admissions + (passed * admissionsPerMinute) / 60);
    countedAt = time;
    if (admissions < 1) {
      const retryAfter = Math.ceil(((1 - admissions) * 60) / admissionsPerMinute);
      throw new UnavailableError('Too many issuers that are not known here were named at once.', { retryAfter });
    }
    admissions -= 1;
  }

  function makeRoom(): void {
    admit();
    const [leastRecentlyUsed] = entries.keys();
    if (leastRecentlyUsed !== undefined && entries.size >= maxEntries) entries.delete(leastRecentlyUsed);
  }

  return {
    get(id, pinned, create) {
      const known = pinned ? pinnedEntries : entries;
      if (!pinned && !known.has(id)) makeRoom();
      const entry = known.get(id) ?? create();
      // A Map iterates in order of insertion: entering it anew makes it the most recently used.
      known.delete(id);
      known.set(id, entry);
      return entry;
    },
  };
}
