import type { Clock } from '../clock.ts';
import { parseHttpDate } from '../deferred/retry-after.ts';

// A clock further off than this is broken, and whoever runs it should hear of it.
const largestOffset = 15 * 60;
const maxOrigins = 256;

/** How far the clocks of servers that complained are from ours. */
export interface ClockOffsets {
  /** Seconds to add to our time when signing for `origin`. */
  get(origin: string): number;
  /**
   * Learns from a `clock_skew` refusal, whose meaning is that we are ahead of the server.
   *
   * @returns whether trying again makes sense: the `Date` of the response is behind our clock, by at most 15 minutes
   */
  learn(origin: string, response: Response): boolean;
}

export function createClockOffsets(now: Clock): ClockOffsets {
  const offsets = new Map<string, number>();
  return {
    get: (origin) => offsets.get(origin) ?? 0,
    learn(origin, response) {
      const date = parseHttpDate(response.headers.get('date'));
      if (date === undefined) return false;
      const offset = Math.floor(date - now());
      const current = offsets.get(origin) ?? 0;
      if (offset >= Math.min(current, -1) || offset < -largestOffset) return false;
      offsets.delete(origin);
      offsets.set(origin, offset);
      const [oldest] = offsets.keys();
      if (offsets.size > maxOrigins && oldest !== undefined) offsets.delete(oldest);
      return true;
    },
  };
}
