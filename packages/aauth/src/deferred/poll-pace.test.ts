import { expect, test } from 'vitest';
import { createPollPace } from './poll-pace.ts';

test('who polls again before the interval has passed is told to slow down, and others are not', () => {
  let time = 1_000;
  const pace = createPollPace({ now: () => time });
  pace.check('a');
  pace.note('a');
  expect(() => pace.check('a')).toThrow(expect.objectContaining({ code: 'slow_down', status: 429, retryAfter: 5 }));
  pace.check('b');
  time += 1;
  pace.check('a');
});

test('only the latest are kept track of', () => {
  const pace = createPollPace({ now: () => 0, interval: 3, maxRemembered: 2 });
  for (const id of ['a', 'b', 'a', 'c']) pace.note(id);
  pace.check('b');
  for (const id of ['a', 'c']) expect(() => pace.check(id)).toThrow('less than 3 s ago');
});
