import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';

/** What `postmaster.pid` in a data directory says of the server that has it open. */
export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

const pollMs = 25;

/** The running server of a data directory. A `postmaster.pid` that a crash or a reused pid left behind counts as none. */
export async function findPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(pidFile(dataDir), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (!(await isRunning(pid, dataDir))) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a `postmaster.pid` whose process is another program by now, as after a container restart: PostgreSQL itself
 * only looks whether a process with that number exists, and would refuse to start.
 */
export async function removeStalePidFile(dataDir: string): Promise<void> {
  if (!(await findPostmaster(dataDir))) await rm(pidFile(dataDir), { force: true });
}

/** Shuts a server down: fast, then immediately, then by force. Client connections are cut. */
export async function endPostmaster(pid: number, dataDir: string): Promise<void> {
  const escalation: [NodeJS.Signals, number][] = [
    ['SIGINT', 10_000],
    ['SIGQUIT', 3_000],
    ['SIGKILL', 1_000],
  ];
  for (const [signal, patienceMs] of escalation) {
    if (!sendSignal(pid, signal)) return;
    for (let waited = 0; waited < patienceMs; waited += pollMs) {
      if (!(await isRunning(pid, dataDir))) return;
      await sleep(pollMs);
    }
  }
  throw new StartupError(`PostgreSQL (pid ${pid}) in ${dataDir} cannot be stopped.`);
}

/** Waits until the server in `dataDir` with this pid takes connections; false when `hasExited` says it never will. */
export async function waitUntilReady(dataDir: string, pid: number, hasExited: () => boolean): Promise<boolean> {
  const deadline = performance.now() + 60_000;
  while (!hasExited() && performance.now() < deadline) {
    const postmaster = await findPostmaster(dataDir);
    if (postmaster?.pid === pid && postmaster.ready) return true;
    await sleep(pollMs);
  }
  return false;
}

/** Whether the process with this pid is the server of a data directory, and not its zombie or another program. */
export async function isRunning(pid: number, dataDir: string): Promise<boolean> {
  return (await commandOf(pid)).includes(dataDir);
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The command line of a process; empty when there is none, or only its zombie. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.replaceAll('\0', ' ');
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid');
}
