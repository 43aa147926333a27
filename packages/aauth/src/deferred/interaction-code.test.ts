import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInteractionCode, normalizeInteractionCode } from './interaction-code.ts';

const fiveBytes = fc.uint8Array({ minLength: 5, maxLength: 5 });

describe('an interaction code', () => {
  it('is 40 bits in two groups of Crockford base32', () => {
    expect(createInteractionCode(Uint8Array.of(0, 0, 0, 0, 0))).toBe('0000-0000');
    expect(createInteractionCode(Uint8Array.of(255, 255, 255, 255, 255))).toBe('ZZZZ-ZZZZ');
    expect(createInteractionCode(Uint8Array.of(0, 0, 0, 0, 31, 99))).toBe('0000-000Z');
    expect(
      createInteractionCode(Uint8Array.of(0b00001_000, 0b10_00011_0, 0b0100_0010, 0b1_00110_00, 0b111_01000)),
    ).toBe('1234-5678');
    expect(() => createInteractionCode(Uint8Array.of(1, 2, 3, 4))).toThrow(TypeError);
  });

  it('is another one each time', () => {
    const codes = Array.from({ length: 1000 }, () => createInteractionCode());
    expect(new Set(codes).size).toBe(1000);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it('differs when the bytes differ', () => {
    fc.assert(
      fc.property(fiveBytes, fiveBytes, (one, other) => {
        const isSame = createInteractionCode(one) === createInteractionCode(other);
        expect(isSame).toBe(one.every((byte, index) => byte === other[index]));
      }),
    );
  });

  it('is recognised however it is written', () => {
    const spell = (code: string, letters: readonly number[]) =>
      [...code]
        .map((symbol, index) => {
          const spellings = { 0: '0Oo', 1: '1IiLl' }[symbol] ?? symbol + symbol.toLowerCase();
          return spellings.charAt((letters[index] ?? 0) % spellings.length);
        })
        .join('');
    fc.assert(
      fc.property(fiveBytes, fc.array(fc.nat(9), { minLength: 9, maxLength: 9 }), (bytes, letters) => {
        const code = createInteractionCode(bytes);
        const normal = code.replace('-', '');
        expect(normalizeInteractionCode(code)).toBe(normal);
        expect(normalizeInteractionCode(spell(code, letters))).toBe(normal);
        expect(normalizeInteractionCode([...normal].join('-'))).toBe(normal);
      }),
    );
  });

  it.each(['', '-', 'ABCD', 'ABCD-EFGHJ', 'ABCU-EFGH', 'ABCD EFGH', 'ABCD-EFG!', 'ÀBCD-EFGH'])('is not %j', (text) => {
    expect(normalizeInteractionCode(text)).toBeUndefined();
  });

  it('is nothing or eight symbols, for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(normalizeInteractionCode(text) ?? '00000000').toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
      }),
    );
  });
});
