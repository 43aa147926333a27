import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRepeatedKey } from './structured-fields.ts';

describe('findRepeatedKey', () => {
  it.each([
    ['a=1, b=2, a=3', 'a'],
    ['a=1,\ta=1', 'a'],
    ['a, a', 'a'],
    ['sig=("@method" "@path");created=1, sig=()', 'sig'],
    ['a=1;x=1;x=2', 'x'],
    ['a=1;x; y;  x', 'x'],
    ['a=("b";x;y;x)', 'x'],
    ['a=("b";x);x;x', 'x'],
    ['a="\\"", a=1', 'a'],
    ['a=%"b\\", a=1', 'a'],
    ['a=:AAA=:, a=:AAA=:', 'a'],
  ])('finds the key in %s', (header, key) => {
    expect(findRepeatedKey(header)).toBe(key);
  });

  it.each([
    '',
    'a=1, b=2',
    'a=1;x=1, b=1;x=1',
    'a=("b";x "c";x);x',
    'a="b, a=1;x;x"',
    'a="\\", a=1", b=1',
    'a=%", a=1", b=1',
    'aa=1, a=1, a.a=1',
    'a=b/a:a',
  ])('finds none in %s', (header) => {
    expect(findRepeatedKey(header)).toBeUndefined();
  });

  it.each(['sig="\\"', 'sig=%"\\"', '"', '%"', ';a', ', a', '; ', '"a" '])('is quick with 64 KiB of %s', (part) => {
    const start = performance.now();
    findRepeatedKey(`sig="${part.repeat(65_536 / part.length)}`);
    findRepeatedKey(`sig=${part.repeat(65_536 / part.length)}`);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('finds exactly the dictionaries with two equal members', () => {
    const key = fc.constantFrom('a', 'b', 'ab', 'a-b', '*', 'sig', 'sig1');
    const value = fc.constantFrom('=1', '="x, a=1"', '=("a";a "b";a);a', '=:AA==:', '', '=%"a;a"', ';a;b', '="\\"";a');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (members) => {
        const keys = members.map(([name]) => name);
        const repeated = keys.find((name, index) => keys.indexOf(name) < index);
        expect(findRepeatedKey(members.map((member) => member.join('')).join(', '))).toBe(repeated);
      }),
    );
  });
});
