import type { Clock } from '../clock.ts';
import type { ReplayCaller } from './replay-caller.ts';

/** How many entries callers, and the groups they belong to, have in a memory whose entries expire. */
export interface CallerCounts {
  add(caller: ReplayCaller, expiry: number): void;
  /** What the caller has, and what each of its groups has, added up. */
  of(caller: ReplayCaller): number;
  /** Seconds until the first entry of the caller or its groups, or of anybody, has expired; `undefined` when there is none. */
  secondsUntilFewer(caller?: ReplayCaller): number | undefined;
}

export function createCallerCounts(now: Clock): CallerCounts {
  const totals = new Map<string, number>();
  /** By the second in which they expire. */
  const expiring = new Map<number, Map<string, number>>();
  let sweptAt = Number.NaN;

  function sweep(): void {
    const second = Math.floor(now());
    if (second === sweptAt) return;
    sweptAt = second;
    for (const [expiry, counts] of expiring) {
      if (expiry >= second) continue;
      expiring.delete(expiry);
      for (const [name, count] of counts) {
        const left = (totals.get(name) ?? 0) - count;
        if (left > 0) totals.set(name, left);
        else totals.delete(name);
      }
    }
  }

  return {
    add(caller, expiry) {
      sweep();
      const counts = expiring.get(expiry) ?? new Map<string, number>();
      expiring.set(expiry, counts);
      for (const name of namesOf(caller)) {
        totals.set(name, (totals.get(name) ?? 0) + 1);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    },
    of(caller) {
      sweep();
      return namesOf(caller).reduce((sum, name) => sum + (totals.get(name) ?? 0), 0);
    },
    secondsUntilFewer(caller) {
      sweep();
      const names = caller && namesOf(caller);
      let first: number | undefined;
      for (const [expiry, counts] of expiring) {
        if (expiry < (first ?? Number.POSITIVE_INFINITY) && (names?.some((name) => counts.has(name)) ?? true))
          first = expiry;
      }
      return first && Math.max(1, Math.ceil(first + 1 - now()));
    },
  };
}

/** One name for the caller and one for each of its groups, such that no two groups have the same. */
function namesOf(caller: ReplayCaller): string[] {
  const names: string[] = [];
  let name = '';
  for (const part of caller) {
    name = `${name}${part.length}:${part}`;
    names.push(name);
  }
  return names;
}
