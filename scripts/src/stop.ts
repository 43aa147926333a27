import { rmSync } from 'node:fs';
import { stopDatabase } from './database.ts';
import { runningProcesses, type StartedProcess } from './pid-file.ts';
import { pidFile } from './root.ts';
import { waitFor } from './wait-for.ts';

const drainLimitMs = 15_000;

/** Ends what start-infra started, last started first, then the database. Tells the names of what it ended. */
export async function stopStack(): Promise<string[]> {
  const running = runningProcesses();
  await stopProcesses(running);
  const database = await stopDatabase();
  rmSync(pidFile, { force: true });
  return [...running.map(({ name }) => name).reverse(), ...(database ? ['postgres'] : [])];
}

/** SIGTERM, and SIGKILL for what has not drained in time. */
export async function stopProcesses(processes: readonly StartedProcess[]): Promise<void> {
  for (const { pid } of processes.toReversed()) signal(pid, 'SIGTERM');
  const pids = new Set(processes.map(({ pid }) => pid));
  const remaining = () => runningProcesses().filter(({ pid }) => pids.has(pid));
  try {
    await waitFor(async () => remaining().length === 0 || undefined, {
      timeoutMs: drainLimitMs,
      onTimeout: () => new Error('not drained'),
    });
  } catch {
    for (const { pid } of remaining()) signal(pid, 'SIGKILL');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
