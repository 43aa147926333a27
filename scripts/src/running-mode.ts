import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from './modes.ts';
import { runningProcesses } from './pid-file.ts';
import { dataDirectory } from './root.ts';
import { stopProcesses } from './stop.ts';
import { say } from './terminal.ts';

const file = join(dataDirectory, 'mode');

/** Notes the mode in which the stack runs. */
export function recordMode(mode: Mode): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(file, mode);
}

/** A stack that runs in another mode is stopped first, since its proxy has other rules. */
export async function checkRunningMode(wanted: Mode): Promise<void> {
  const running = runningProcesses();
  if (running.length === 0) return;
  const current = readFileSync(file, 'utf8');
  if (current === wanted) return;
  say(`The stack runs in ${current}; stopping it to start ${wanted}.`);
  await stopProcesses(running);
}
