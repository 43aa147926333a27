import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stops a PostgreSQL with all its processes where they stand, as a machine does that has come to a halt; or lets it go on. */
export function signalPostgres(dataDirectory: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const [line] = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
  const postmaster = Number(line);
  for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, signal);
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => parentOf(pid) === parent);
}

/** proc_pid_stat(5): the second field after the name, which may have parentheses in it. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
