const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
] as const;

/** A span of time in its largest whole unit, for instance `54 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const largest = units.find((candidate) => whole >= candidate.seconds);
  if (!largest) return `${whole} s`;
  const count = Math.floor(whole / largest.seconds);
  return `${count} ${largest.unit === 'day' && count > 1 ? 'days' : largest.unit}`;
}

/** A moment seen from another: `12 s ago`, `in 54 min`, `now`. Both in seconds since the epoch. */
export function formatRelative(moment: number, now: number): string {
  const ahead = Math.floor(moment) - now;
  if (ahead === 0) return 'now';
  return ahead > 0 ? `in ${formatDuration(ahead)}` : `${formatDuration(-ahead)} ago`;
}

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment in the reader's time zone, to the second: `21 Nov 2026, 19:50:00`. */
export function formatExact(iso: string): string {
  return exact.format(new Date(iso));
}

/** Seconds since the epoch of an ISO 8601 moment. */
export function toSeconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
