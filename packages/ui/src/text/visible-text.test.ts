import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleText } from './visible-text.ts';

test('makes visible what would reorder or hide the text around it', () => {
  expect(visibleText('Backend\u202eppA')).toBe('Backend\ufffdppA');
  expect(visibleText('a\nb\tc\u0000d\u200be')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
  expect(visibleText('Ünïcode 名前 👩\u200d💻')).toBe('Ünïcode 名前 👩\u200d💻');
});

test('leaves no invisible character, whatever it is given', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 }), (points) => {
      expect(visibleText(String.fromCodePoint(...points))).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
