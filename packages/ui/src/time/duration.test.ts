import { expect, test } from 'vitest';
import { formatDuration, formatRelative } from './duration.ts';

test.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [86_399, '23 h'],
  [86_400, '1 day'],
  [200_000, '2 days'],
  [-5, '0 s'],
])('%d seconds are %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

test('a moment is told from now', () => {
  expect(formatRelative(1000.4, 1000)).toBe('now');
  expect(formatRelative(988, 1000)).toBe('12 s ago');
  expect(formatRelative(4240, 1000)).toBe('in 54 min');
});
