import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { stopping } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { type Service, StartupError } from '@aauth-stack/service/main';
import { answerMetrics } from './shared-metrics.ts';

/** What a worker says when it listens on every port. */
const ready = 'ready';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** A worker that has run for so long has not failed to start. */
const steadyMs = 10_000;

/** Tells the process above that this worker is ready; nothing where there is none. */
export function reportReady(): void {
  cluster.worker?.send(ready);
}

/**
 * Runs the program in several processes that listen on the same ports: this one takes the connections and hands them out in turn, and
 * answers nothing itself. The processes share no memory, so what one has to know of another goes through the database. One that ends is
 * replaced, after pauses that grow as long as it does not last.
 *
 * The first one starts alone, so that the reason for which nothing can start is told once, and the database is migrated once.
 *
 * @throws StartupError when the first one does not start; it has said why
 */
export async function superviseWorkers(count: number, log: Logger): Promise<Service> {
  answerMetrics();
  // Not only when this process closes: while it waits for that, they are to say that they are no longer ready.
  stopping.addEventListener('abort', stopWorkers);
  const first = cluster.fork();
  if (!(await isReady(first))) throw new StartupError('the first of its workers has ended');
  const supervisions = [keepRunning(first)];
  while (supervisions.length < count && !stopping.aborted) supervisions.push(keepRunning(cluster.fork()));

  async function keepRunning(initial: Worker): Promise<void> {
    let failures = 0;
    for (let worker = initial; ; worker = cluster.fork()) {
      const started = performance.now();
      const { code, signal } = await ending(worker);
      if (stopping.aborted) return;
      failures = performance.now() - started > steadyMs ? 0 : failures + 1;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));
      log.error({ pid: worker.process.pid, code, signal, pause_ms: pauseMs }, 'a worker has ended and is replaced');
      await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
    }
  }

  return {
    async close() {
      await Promise.all(supervisions);
    },
  };
}

function stopWorkers(): void {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
}

async function ending({ process }: Worker): Promise<{ code: number | null; signal: string | null }> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
  return { code: process.exitCode, signal: process.signalCode };
}

function isReady(worker: Worker): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  worker.on('message', (message: unknown) => {
    if (message === ready) resolve(true);
  });
  worker.once('exit', () => resolve(false));
  return promise;
}
