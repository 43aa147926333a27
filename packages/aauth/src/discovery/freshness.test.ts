import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { freshnessLifetime } from './freshness.ts';

it.each<[Record<string, string>, number]>([
  [{}, 600],
  [{ 'cache-control': 'public, max-age=300' }, 300],
  [{ 'cache-control': 'Max-Age="300"' }, 300],
  [{ 'cache-control': 'max-age=300', age: '100' }, 200],
  [{ 'cache-control': 'max-age=300', expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 300],
  [{ 'cache-control': 'max-age=5' }, 60],
  [{ 'cache-control': 'no-store' }, 60],
  [{ 'cache-control': 'no-cache, max-age=300' }, 60],
  [{ 'cache-control': 'max-age=99999999' }, 86_400],
  [{ 'cache-control': 'max-age=soon' }, 600],
  [{ date: 'Tue, 01 Sep 2026 10:00:00 GMT', expires: 'Tue, 01 Sep 2026 11:00:00 GMT' }, 3600],
  [{ date: 'Tue, 01 Sep 2026 10:00:00 GMT', expires: '0' }, 60],
  [{ expires: 'Tue, 01 Sep 2026 11:00:00 GMT' }, 600],
])('reads %j as %d seconds', (headers, seconds) => {
  expect(freshnessLifetime(new Headers(headers))).toBe(seconds);
});

it('stays between a minute and a day for any header', () => {
  const value = fc.string({ unit: 'grapheme-ascii' }).map((text) => text.trim());
  fc.assert(
    fc.property(value, value, value, value, (cacheControl, age, date, expires) => {
      const headers = new Headers({ 'cache-control': cacheControl, age, date, expires });
      const seconds = freshnessLifetime(headers);
      expect(seconds).toBeGreaterThanOrEqual(60);
      expect(seconds).toBeLessThanOrEqual(86_400);
    }),
  );
});
