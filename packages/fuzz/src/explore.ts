import type { Coverage } from './coverage.ts';
import { createMutator, wordsOf } from './mutate.ts';
import { createRandom } from './random.ts';
import { type FuzzTarget, slowMs } from './target.ts';

export interface ExploreOptions {
  readonly coverage: Coverage;
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  /** What earlier explorations have found. */
  readonly corpus: readonly string[];
  /** Told of each text before it is read, so that somebody knows which one is never finished. */
  readonly onText?: (text: string) => void;
}

export interface Explored {
  readonly runs: number;
  /** Texts that each make code run that no other one does, shortest first. */
  readonly corpus: string[];
  /** Characters of code that ran. */
  readonly covered: number;
  readonly slowest: { readonly ms: number; readonly text: string };
  readonly fault: { readonly text: string; readonly error: unknown } | undefined;
}

/**
 * Asking for coverage takes half a millisecond, so it is asked once for so many texts, and again for each of them when there was
 * something new; the longer there was nothing new, the more there are.
 */
const smallestBatch = 64;
const largestBatch = 1024;
const maxLength = 4096;

/** Makes up texts from those that made new code run, and reads them, until there is a fault or it has done enough. */
export async function explore(target: FuzzTarget, options: ExploreOptions): Promise<Explored> {
  const { coverage, seed, onText } = options;
  const random = createRandom(seed);
  const given = [...target.examples, ...options.corpus];
  const { mutate } = createMutator(random, [...wordsOf(given), ...(target.words ?? [])], maxLength);
  const population: [string, ...string[]] = ['', ...given];
  const until = performance.now() + options.seconds * 1000;
  let runs = 0;
  let slowest = { ms: 0, text: '' };
  let fault: Explored['fault'];

  // What was found late is what little is known of yet.
  const pickLate = () => {
    const { length } = population;
    return population[Math.max(random.below(length), random.below(length))] ?? '';
  };

  /** @returns whether it went well */
  async function read(text: string): Promise<boolean> {
    onText?.(text);
    runs += 1;
    try {
      const ms = await timeOf(target, text);
      if (ms > slowest.ms) slowest = { ms, text };
      // Twice, because a machine that does much else may have been slow by itself.
      if (ms > slowMs && !target.isOurs && (await timeOf(target, text)) > slowMs)
        throw new Error(`It takes ${Math.round(ms)} ms.`);
      return true;
    } catch (error) {
      fault = { text, error };
      return false;
    }
  }

  async function keepWhatIsNew(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      if (!(await read(text))) return;
      if (coverage.take()) population.push(text);
    }
  }

  coverage.reset();
  await keepWhatIsNew(population.slice());
  const isDone = () => fault !== undefined || runs >= options.runs || performance.now() >= until;
  for (let size = smallestBatch; !isDone(); size = Math.min(2 * size, largestBatch)) {
    const texts = Array.from({ length: size }, () => mutate(pickLate(), random.pick(population)));
    for (const text of texts) if (!(await read(text))) break;
    if (fault || !coverage.peek()) continue;
    await keepWhatIsNew(texts);
    size = smallestBatch / 2;
  }
  const covered = coverage.size;
  const corpus = fault ? [] : await smallest(target, population, coverage);
  return { runs, corpus, covered, slowest, fault: fault && { ...fault, text: await shorten(target, fault.text) } };
}

/** Milliseconds that it takes to read a text. */
async function timeOf(target: FuzzTarget, text: string): Promise<number> {
  const before = performance.now();
  const result = target.read(text);
  if (result instanceof Promise) await result;
  return performance.now() - before;
}

/** Of texts that make the same code run, the shortest. */
async function smallest(target: FuzzTarget, texts: readonly string[], coverage: Coverage): Promise<string[]> {
  coverage.reset();
  const kept: string[] = [];
  for (const text of [...new Set(texts)].sort((a, b) => a.length - b.length)) {
    await timeOf(target, text);
    if (coverage.take()) kept.push(text);
  }
  return kept;
}

/** Leaves out of a text that is a fault whatever is not needed for one. */
async function shorten(target: FuzzTarget, text: string): Promise<string> {
  let shortest = text;
  for (let length = Math.ceil(text.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let start = 0; start < shortest.length; ) {
      const shorter = shortest.slice(0, start) + shortest.slice(start + length);
      if (await isFault(target, shorter)) shortest = shorter;
      else start += length;
    }
  }
  return shortest;
}

async function isFault(target: FuzzTarget, text: string): Promise<boolean> {
  try {
    return (await timeOf(target, text)) > slowMs;
  } catch {
    return true;
  }
}
