import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefer } from './prefer.ts';

// Structured fields are ASCII, so a few characters beyond will do.
const characters = fc.integer({ max: 0x17f, min: 0 }).map((code) => String.fromCharCode(code));

describe('parsePrefer', () => {
  it.each([
    ['wait=45', 45],
    ['WAIT=0', 0],
    ['wait="30"', 30],
    ['wait = 30', 30],
    ['respond-async, wait=10', 10],
    ['return=minimal; foo="a, wait=3", wait=10;x=y', 10],
    ['handling=lenient,wait=10,wait=99', 10],
  ])('reads %s', (header, seconds) => {
    expect(parsePrefer(header)).toBe(seconds);
  });

  it.each([
    null,
    undefined,
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=ten',
    'waiting=5',
    'wait=9999999999',
    'a="wait=5',
  ])('takes %s for nothing said', (header) => {
    expect(parsePrefer(header)).toBeUndefined();
  });

  it('returns whole seconds or nothing, whatever the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: characters }), fc.string(), (before, after) => {
        const seconds = parsePrefer(`${before},wait=7${after}`);
        if (seconds !== undefined) expect(Number.isSafeInteger(seconds) && seconds >= 0).toBe(true);
      }),
    );
  });
});
