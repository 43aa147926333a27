import { expect, test } from 'vitest';
import { backoff } from './backoff.ts';

test('the pause doubles from one second to a minute', () => {
  expect([1, 2, 3, 6, 7, 8, 100].map(backoff)).toEqual([1, 2, 4, 32, 60, 60, 60]);
});
