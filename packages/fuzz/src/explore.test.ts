import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coverage, measureCoverage } from './coverage.ts';
import { explore } from './explore.ts';
import { createMutator } from './mutate.ts';
import { createRandom } from './random.ts';

let coverage: Coverage;

beforeAll(() => {
  coverage = measureCoverage((url) => url.includes('explore.test'));
});

afterAll(() => coverage.close());

/** Behind five conditions, one after the other. */
function read(text: string): number {
  if (text[0] !== 'K') return 0;
  if (text[1] !== 'e') return 1;
  if (text[2] !== '7') return 2;
  if (text[3] !== ';') return 3;
  if (text[4] !== '!') return 4;
  throw new TypeError('found');
}

const unguided: Coverage = { peek: () => false, take: () => false, reset: () => {}, size: 0, close: () => {} };
const target = { read, examples: ['a'], words: ['K', 'e', '7', ';', '!'] };
const options = { runs: 30_000, seconds: 60, seed: 1, corpus: [] };

describe('an exploration', () => {
  test('comes, step by step, to what no guess finds, and shortens it', async () => {
    const { fault, runs } = await explore(target, { ...options, coverage });
    expect(fault).toEqual({ text: 'Ke7;!', error: new TypeError('found') });
    expect(runs).toBeLessThan(options.runs);
    const guessed = await explore(target, { ...options, coverage: unguided });
    expect(guessed).toMatchObject({ fault: undefined });
  });

  test('keeps the shortest texts that make all of the code run', async () => {
    const kind = (text: string) => {
      if (text.startsWith('x')) return 'x';
      return text.includes('y') ? 'y' : 'other';
    };
    const kinds = { read: kind, examples: ['xxxxxxxx', 'a lot of y', 'z'] };
    const { corpus, covered } = await explore(kinds, { ...options, runs: 5000, coverage });
    expect(covered).toBeGreaterThan(0);
    expect(new Set(corpus.map(kind))).toEqual(new Set(['x', 'y', 'other']));
    expect(corpus).toHaveLength(3);
  });

  test('takes what takes long for a fault', async () => {
    const slow = (text: string) => {
      for (const until = performance.now() + (text.includes('s') ? 1600 : 0); performance.now() < until; );
    };
    const { fault } = await explore({ read: slow, examples: ['ss'] }, { ...options, coverage });
    expect(fault?.text).toBe('s');
    expect(String(fault?.error)).toMatch(/It takes \d+ ms\./);
  });
});

test('what is made up is the same for the same seed', () => {
  const made = (seed: number) => {
    const { mutate } = createMutator(createRandom(seed), ['word'], 100);
    return Array.from({ length: 50 }, () => mutate('one text', 'another'));
  };
  expect(made(7)).toEqual(made(7));
  expect(made(7)).not.toEqual(made(8));
  expect(made(7).every((text) => text.length <= 100)).toBe(true);
});
