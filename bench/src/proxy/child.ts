import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process of its own, so that what it costs can be told from what asks it. */
export interface Child {
  readonly pid: number;
  /** CPU time that it and the processes it started have used, in milliseconds. */
  cpuMs(): number;
  /** The first line of its standard output. */
  line(): Promise<string>;
  stop(): Promise<void>;
}

/** Runs Node. With `BENCH_PROFILE=<folder>` each leaves a CPU profile there. */
export function startChild(words: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const { BENCH_PROFILE: folder } = process.env;
  const profile = folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
  return startProcess(process.execPath, [...profile, ...words], env);
}

export function startProcess(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = spawn(program, words, {
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Read to the end, or a process that writes much would wait for whoever reads.
  const lines = createInterface(child.stdout);
  const first = once(lines, 'line');
  first.catch(() => {});
  return {
    pid: child.pid ?? 0,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async line() {
      const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${program} ended before it was ready.`)));
      const [line] = await Promise.race([first, ended]);
      return String(line);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** CPU time that a process and those it started have used, in milliseconds. */
export function cpuMsOf(pid: number): number {
  return familyOf(pid).reduce((sum, member) => sum + cpuTicks(member) * 10, 0);
}

/** A process and all below it. */
function familyOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/** User and system time, and that of its processes that have ended (proc_pid_stat(5), fields 14 to 17), in hundredths of a second. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the process may have spaces in it; it ends with the last parenthesis.
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  return times.reduce((sum, ticks) => sum + Number(ticks), 0);
}
