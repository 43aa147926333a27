import type { Clock } from '../clock.ts';

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3), a number of seconds or an HTTP date.
 * Never throws.
 *
 * @param header the field value
 * @param now what a date is counted from
 * @returns seconds from now, never negative; `undefined` when there is none or it is malformed
 */
export function parseRetryAfter(header: string | null, now: Clock): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const date = parseHttpDate(header);
  return date === undefined ? undefined : Math.max(0, date - now());
}

/**
 * Reads an HTTP date in its preferred or its RFC 850 form (RFC 9110 §5.6.7).
 *
 * @returns seconds since the epoch
 */
export function parseHttpDate(value: string | null): number | undefined {
  if (value === null || !/^[A-Z][a-z]+, .+ GMT$/.test(value)) return undefined;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
