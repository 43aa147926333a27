import { formatNumber } from '../table.ts';
import type { Child } from './child.ts';
import type { Load } from './load.ts';

export interface Contestant {
  readonly name: string;
  /** Whose CPU time counts. */
  readonly child: Child;
}

export interface Case<One extends Contestant> {
  readonly name: string;
  readonly rounds: number;
  run(one: One): Promise<Load>;
}

/** What {@link compare} tells of each contestant. */
export const measured = ['CPU µs each', 'per second', 'p50 ms', 'p99 ms'];

/** In turns, so that a machine that slows down or speeds up does so for all of them; the first turn warms up. */
export async function compare<One extends Contestant>(
  contestants: readonly One[],
  { name, rounds, run }: Case<One>,
): Promise<string[][]> {
  const results = contestants.map((one) => ({ one, cpuMs: 0, elapsed: 0, durations: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const result of results) {
      const before = result.one.child.cpuMs();
      const { durations, elapsed } = await run(result.one);
      if (round === 0) continue;
      result.cpuMs += result.one.child.cpuMs() - before;
      result.elapsed += elapsed;
      result.durations.push(...durations);
    }
  }
  return results.map(({ one, cpuMs, elapsed, durations }) => {
    const sorted = durations.toSorted((a, b) => a - b);
    const percentile = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
    const each = formatNumber((cpuMs * 1000) / durations.length);
    const rate = formatNumber((durations.length * 1000) / elapsed);
    return [name, one.name, each, rate, percentile(0.5), percentile(0.99)];
  });
}
