import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process of its own, so that what it costs can be told from what asks it. */
export interface Child {
  /** CPU time it has used, in milliseconds. */
  cpuMs(): number;
  /** The next line of its standard output. */
  line(): Promise<string>;
  stop(): Promise<void>;
}

export function startChild(
  file: string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = spawn(process.execPath, [file, ...words], {
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    cpuMs: () => cpuTicks(child) * 10,
    async line() {
      const next = await lines.next();
      if (next.done) throw new Error(`${file} ended before it was ready.`);
      return next.value;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** User and system time (proc_pid_stat(5), fields 14 and 15), in hundredths of a second. */
function cpuTicks({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the process may have spaces in it; it ends with the last parenthesis.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}
