/** A moment for people: when, and how far from now. */
export function whenIs(seconds: number, now: number): string {
  return `${isoTime(seconds)} (${distance(seconds - now)})`;
}

/** Seconds since the epoch, in UTC. What no calendar has is shown as it is. */
export function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

function distance(seconds: number): string {
  const amount = duration(Math.abs(seconds));
  return seconds < 0 ? `${amount} ago` : `in ${amount}`;
}

/** For instance `3 min`. */
function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Lines moved to the right. */
export function indent(text: string, by = 2): string {
  const margin = ' '.repeat(by);
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `${margin}${line}`))
    .join('\n');
}
