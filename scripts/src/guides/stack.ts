import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '@aauth-stack/service/main';
import { runningProcesses } from '../pid-file.ts';
import { createShell, type Shell } from './shell.ts';
import { createStandIns, type Normalise } from './stand-ins.ts';

/** The stack as a reader has it who has just started it for the first time. */
export interface Stack {
  readonly shell: Shell;
  /** What the last of the commands that started it printed. */
  readonly output: string;
  readonly normalise: Normalise;
}

/** Starts the stack by commands of a guide, with empty state of its own, lets it be used, and stops it. */
export async function withStack<Result>(
  commands: readonly string[],
  use: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  if (runningProcesses().length > 0) {
    throw new StartupError('A stack is running from this checkout. Stop it first: scripts/stop-infra.sh');
  }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'aauth-guides-'));
  const shell = createShell(dataDirectory);
  const normalise = createStandIns(Math.floor(Date.now() / 1000));
  const stop = async () => {
    shell.end();
    await shell.run('./scripts/stop-infra.sh');
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  const interrupted = async () => {
    await stop();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    let output = '';
    for (const command of commands) output = await shell.run(command);
    return await use({ shell, output, normalise });
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await stop();
  }
}
