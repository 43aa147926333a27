import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatScope, parseScope } from './scope.ts';

describe('a scope', () => {
  it.each<[unknown, readonly string[] | undefined]>([
    ['stock:read', ['stock:read']],
    ['stock:read require:user', ['stock:read', 'require:user']],
    ['b a b', ['b', 'a']],
    ['', []],
    [' a', undefined],
    ['a ', undefined],
    ['a  b', undefined],
    ['a\tb', undefined],
    ['a,b', ['a,b']],
    ['a"b', undefined],
    ['a\\b', undefined],
    ['ä', undefined],
    [['a'], undefined],
    [undefined, undefined],
  ])('%j is read as %j', (text, names) => {
    expect(parseScope(text)).toEqual(names);
  });

  it('survives being written and read, and whatever else is read is refused or has clean names', () => {
    const name = fc.stringMatching(/^[!#-[\]-~]{1,12}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        expect(parseScope(formatScope(names))).toEqual(names);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const part of parseScope(text) ?? []) expect(part).toMatch(/^[!#-[\]-~]+$/);
      }),
    );
  });

  it.each(['', 'a b', '"', 'ü', 'a\n'])('is not written with %j for a name', (name) => {
    expect(formatScope(['a', 'b', 'a'])).toBe('a b');
    expect(() => formatScope(['a', name])).toThrow(TypeError);
  });
});
