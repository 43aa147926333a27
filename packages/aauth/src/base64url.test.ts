import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from './base64url.ts';

describe('base64url', () => {
  test('survives a round trip without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64url(text)).toEqual(bytes);
      }),
    );
  });

  test('gives every byte string exactly one spelling', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgwBx_-+/= \n'), maxLength: 8 }), (text) => {
        const bytes = fromBase64url(text);
        if (bytes) expect(toBase64url(bytes)).toBe(text);
      }),
    );
  });

  test.each(['A', 'AB', 'AAB', 'AA==', 'A+A/', 'AA AA', 'AAAA\n', 'ÄAAA'])('refuses %j', (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });
});
