import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pidFile } from './root.ts';

/** A process that start-infra started: its number, its name, and when it started, which tells it from a later one with the same number. */
export interface StartedProcess {
  pid: number;
  name: string;
  startedAt: string;
}

/** One line a process: number, name, start time. */
export function recordProcess(pid: number, name: string): void {
  appendFileSync(pidFile, `${pid} ${name} ${processStart(pid) ?? ''}\n`);
}

/** The recorded processes that still run. */
export function runningProcesses(): StartedProcess[] {
  if (!existsSync(pidFile)) return [];
  const recorded = readFileSync(pidFile, 'utf8').split('\n').filter(Boolean).map(parseLine);
  return recorded.filter(({ pid, startedAt }) => processStart(pid) === startedAt);
}

/** Keeps only what still runs, so that the file does not grow with each start. */
export function prunePidFile(): void {
  const running = runningProcesses();
  if (running.length === 0) rmSync(pidFile, { force: true });
  else writeFileSync(pidFile, running.map(({ pid, name, startedAt }) => `${pid} ${name} ${startedAt}\n`).join(''));
}

function parseLine(line: string): StartedProcess {
  const [pid = '', name = '', ...startedAt] = line.split(' ');
  return { pid: Number(pid), name, startedAt: startedAt.join(' ') };
}

/** When a process started, in whatever form the system tells it; `undefined` when there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Its threads may outlive the first one, and hold its ports until they end.
      const hasEnded = state === 'Z' && readdirSync(`/proc/${pid}/task`).length === 1;
      return hasEnded ? undefined : fields[18];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
