import { expect, test } from 'vitest';
import { acceptedEncoding } from './compress.ts';

test.each([
  [null, undefined],
  ['', undefined],
  ['BR', 'br'],
  ['gzip;q=1.0, br;q=0.0', 'gzip'],
  ['deflate, identity', undefined],
  ['x-gzip', undefined],
])('Accept-Encoding %j is answered with %s', (header, encoding) => {
  expect(acceptedEncoding(header)).toBe(encoding);
});
