import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSecondSpans } from './second-spans.ts';

test('has what was added, and nothing that is further than a minute from it', () => {
  const spans = createSecondSpans();
  spans.add(1000, 1010);
  spans.add(1200, 1200);
  spans.add(1060, 1065);
  expect([1000, 1005, 1010, 1030, 1065, 1200].map(spans.has)).toEqual(Array(6).fill(true));
  expect([999, 1066, 1199, 1201].map(spans.has)).toEqual(Array(4).fill(false));
});

test('is never without what was added, however many spans it has to do with', () => {
  const seconds = fc.array(fc.tuple(fc.nat(100_000), fc.nat(500)), { maxLength: 60 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 1, max: 5 }), (added, maxSpans) => {
      const spans = createSecondSpans(maxSpans);
      for (const [from, length] of added) spans.add(from, from + length);
      for (const [from, length] of added) expect([from, from + length].map(spans.has)).toEqual([true, true]);
    }),
  );
});

test('what is far in the future stays apart from the past, however often nobody asks for more than a minute', () => {
  const spans = createSecondSpans(4);
  spans.add(1_000_000, 1_000_060);
  for (let second = 0; second < 50_000; second += 100) spans.add(second, second);
  expect(spans.has(500_000)).toBe(false);
  expect(spans.has(1_000_030)).toBe(true);
});
