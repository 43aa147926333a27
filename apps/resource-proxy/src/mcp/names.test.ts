import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveName, shownName } from './names.ts';

const targetNames = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/), { minLength: 1, maxLength: 5 });

test('every tool of every target is found by the name it is shown under, and no two share one', () => {
  fc.assert(
    fc.property(targetNames, fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }), (names, tools) => {
      const targets = names.map((name) => ({ name }));
      const shown = new Map<string, string>();
      for (const target of names) {
        for (const tool of tools) {
          const name = shownName(targets, target, tool);
          expect(resolveName(targets, name)).toEqual({ target, name: tool });
          expect(shown.has(name)).toBe(false);
          shown.set(name, target);
        }
      }
    }),
  );
});

test('one target alone needs no prefix, and an unknown one is nobody', () => {
  expect(shownName([{ name: 'stock' }], 'stock', 'echo')).toBe('echo');
  for (const name of ['echo', '_echo', 'other_echo', '']) {
    expect(resolveName([{ name: 'a' }, { name: 'b' }], name)).toBeUndefined();
  }
});
