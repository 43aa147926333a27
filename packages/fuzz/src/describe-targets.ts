import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCorpus } from './corpus.ts';
import { createMutator, wordsOf } from './mutate.ts';
import { createRandom } from './random.ts';
import { type FuzzTargets, slowMs } from './target.ts';

// 2^15 times the same is more than fits into a header: quadratic time is seconds here, linear time is not to be noticed.
const pumpedLength = 2 ** 15;
const units = [
  ' ',
  ',',
  ';',
  '"',
  '\\',
  '(',
  '[',
  '{',
  '=',
  'a',
  '.',
  '-',
  '/',
  '%',
  'a;',
  '"a"',
  ', ',
  '; ',
  '{"a":',
  'é',
  '\0',
];

/**
 * Tests of parsers: what explorations have found is read again, texts are made up, and texts that are made to take long take no longer.
 *
 * @param targets of a file `*.fuzz.ts`
 * @param file its URL
 */
export function describeTargets(targets: FuzzTargets, file: URL): void {
  describe.each(Object.entries(targets))('%s', (name, target) => {
    const corpus = loadCorpus(fileURLToPath(file), name);
    const texts = [...target.examples, ...corpus];

    test('is read or refused, and nothing else, whatever it is', async () => {
      for (const text of texts) await target.read(text);
      const seeds: [string, ...string[]] = ['', ...texts];
      const words = [...wordsOf(texts), ...(target.words ?? [])];
      const like = fc.integer().map((seed) => {
        const random = createRandom(seed);
        return createMutator(random, words, 4096).mutate(random.pick(seeds), random.pick(seeds));
      });
      const text = fc.oneof(
        like,
        fc.string({ unit: fc.constantFrom(...seeds, ...words, '\0') }),
        fc.string({ unit: 'binary' }),
      );
      await fc.assert(fc.asyncProperty(text, async (made) => void (await target.read(made))));
    });

    test.skipIf(target.isOurs)('takes no longer for a text that is made to take long', async () => {
      const [start = ''] = texts;
      for (const begin of ['', start.slice(0, start.length / 2), start]) {
        for (const unit of units) await expectFast(target.read, begin + unit.repeat(pumpedLength / unit.length));
      }
    });
  });
}

/** Of several times the shortest counts: a machine that does much else is slow by itself. */
async function expectFast(read: (text: string) => unknown, text: string): Promise<void> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3 && shortest >= slowMs; times += 1) {
    const before = performance.now();
    await read(text);
    shortest = Math.min(shortest, performance.now() - before);
  }
  expect(shortest, `${text.slice(0, 40)}…${text.slice(-3)}`).toBeLessThan(slowMs);
}
