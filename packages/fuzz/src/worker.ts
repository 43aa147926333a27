import { parentPort, workerData } from 'node:worker_threads';
import { loadCorpus } from './corpus.ts';
import { measureCoverage } from './coverage.ts';
import { noteIn } from './current-text.ts';
import { explore } from './explore.ts';
import type { FuzzTargets } from './target.ts';

/** What {@link workerData} is. */
export interface Task {
  /** A file `*.fuzz.ts`. */
  readonly file: string;
  readonly name: string;
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly memory: SharedArrayBuffer;
}

/** What there is to tell when it is done. */
export interface Outcome {
  readonly runs: number;
  readonly seconds: number;
  readonly covered: number;
  readonly slowestMs: number;
  readonly corpus: readonly string[];
  readonly fault: { readonly text: string; readonly error: string } | undefined;
}

/** Dependencies that read what peers send, and whose code counts therefore as ours does. */
const readers = /node_modules\/(?:structured-headers|jose|yaml|@bufbuild\/protobuf|undici|hono)\//;

function counts(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/packages/fuzz/') || url.endsWith('.fuzz.ts')) return false;
  return !url.includes('/node_modules/') || readers.test(url);
}

const { file, name, memory, ...limits }: Task = workerData;
const { targets }: { targets: FuzzTargets } = await import(file);
const target = targets[name];
if (!target) throw new TypeError(`${file} has no target ${name}.`);
const coverage = measureCoverage(counts);
const started = performance.now();
const explored = await explore(target, { ...limits, coverage, corpus: loadCorpus(file, name), onText: noteIn(memory) });
const { fault, slowest, covered, corpus } = explored;
const outcome: Outcome = {
  runs: explored.runs,
  seconds: (performance.now() - started) / 1000,
  covered,
  slowestMs: slowest.ms,
  corpus,
  fault: fault && { text: fault.text, error: describe(fault.error) },
};
parentPort?.postMessage(outcome);
coverage.close();

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
