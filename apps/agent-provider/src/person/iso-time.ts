/** Seconds since the epoch as an ISO 8601 text; null stays null. */
export function isoTime<Time extends number | null>(seconds: Time): Time extends number ? string : null;
export function isoTime(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
