import { describe, expect, it } from 'vitest';
import { parseHttpDate, parseRetryAfter } from './retry-after.ts';

const now = () => Date.UTC(2026, 10, 21, 12, 0, 0) / 1000;

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['30', 30],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30],
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ])('reads %s', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });

  it.each([null, '', '-1', '1.5', ' 5', 'soon', '2026-11-21T12:00:30Z', 'Sat, 99 Nov 2026 12:00:30 GMT'])(
    'takes %s for none',
    (header) => {
      expect(parseRetryAfter(header, now)).toBeUndefined();
    },
  );
});

describe('parseHttpDate', () => {
  it('reads seconds since the epoch', () => {
    expect(parseHttpDate('Thu, 01 Jan 1970 00:01:00 GMT')).toBe(60);
    expect(parseHttpDate(null)).toBeUndefined();
  });
});
