import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './commands.ts';
import { until } from './until.ts';

/** The process number that start-infra recorded for a service. */
export function pidOf(service: string): number {
  const lines = readFileSync(join(root, '.infra-pids'), 'utf8').split('\n');
  const line = lines.findLast((candidate) => candidate.split(' ')[1] === service);
  if (!line) throw new Error(`${service} is not in .infra-pids.`);
  return Number(line.split(' ')[0]);
}

/** Whether a process is there and alive: not one whose threads have all ended, reaped or not. Until the last has, its ports are taken. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const hasEnded = stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
    return !hasEnded || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** Ends a service without giving it a chance to say goodbye. */
export async function killed(service: string): Promise<void> {
  const pid = pidOf(service);
  process.kill(pid, 'SIGKILL');
  await until(`the end of ${service}`, () => !isRunning(pid));
}
