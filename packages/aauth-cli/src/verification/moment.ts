import { usageFailure } from '../command/failure.ts';

/**
 * A moment from the command line: seconds since the epoch, or a date and time.
 *
 * @returns seconds since the epoch
 */
export function parseMoment(text: string, option: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (Number.isFinite(seconds)) return seconds;
  throw usageFailure(
    `${option} takes seconds since the epoch or a time like 2026-11-21T20:00:00Z; "${text}" is neither.`,
  );
}
