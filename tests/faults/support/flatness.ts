import type { Measured } from './measure.ts';

/** What measurements of a process at equal distances say about it. */
export interface Trend {
  /** Bytes by which memory grew from the second quarter of the time to the last. */
  growth: number;
  /** The median of the second quarter. */
  memory: number;
  /** Handles in the second quarter and in the last. */
  handles: [number, number];
}

/** The first quarter is left out: caches fill, code is compiled. */
export function trendOf(measured: readonly Measured[]): Trend {
  const quarter = Math.floor(measured.length / 4);
  if (quarter < 3) throw new TypeError('Too few measurements to tell.');
  const early = measured.slice(quarter, 2 * quarter);
  const late = measured.slice(-quarter);
  const memory = median(early.map((sample) => sample.memory));
  return {
    memory,
    growth: median(late.map((sample) => sample.memory)) - memory,
    handles: [median(early.map((sample) => sample.handles)), median(late.map((sample) => sample.handles))],
  };
}

/** How much may be added by what is no leak: code compiled late, a cache that is not full yet. */
export const allowedGrowth = 2 * 1024 * 1024;

/** In words. */
export function describe({ memory, growth, handles }: Trend): string {
  const mb = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return `${mb(memory)} ${growth < 0 ? '−' : '+'} ${mb(Math.abs(growth))}, ${handles[0]} → ${handles[1]} handles`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
