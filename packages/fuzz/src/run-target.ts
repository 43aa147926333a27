import { Worker } from 'node:worker_threads';
import { createMemory, lastIn } from './current-text.ts';
import type { Outcome, Task } from './worker.ts';

/** Far more than any of them needs, however many texts it has read. */
const heapMiB = 256;
const hangSeconds = 60;

/** Explores a target in a thread of its own: what hangs or takes all memory is a fault of it, and not the end of the others. */
export async function runTarget(task: Omit<Task, 'memory'>): Promise<Outcome> {
  const memory = createMemory();
  const started = performance.now();
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { ...task, memory },
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
  });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const fail = (error: string) => {
    const { count, text } = lastIn(memory);
    const seconds = (performance.now() - started) / 1000;
    resolve({ runs: count, seconds, covered: 0, slowestMs: 0, corpus: [], fault: { text, error } });
  };
  worker.on('message', resolve);
  worker.on('error', (error) => fail(String(error)));
  worker.on('exit', () => fail('The thread ended.'));
  let seen = -1;
  const watch = setInterval(() => {
    const { count } = lastIn(memory);
    if (count === seen) fail(`Nothing was heard of it for ${hangSeconds} s.`);
    seen = count;
  }, hangSeconds * 1000);
  try {
    return await promise;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
