import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface CommandResult {
  code: number | null;
  output: string;
}

/** Runs one of the project's scripts to its end, with no terminal, and collects what it prints. */
export function runScript(
  name: string,
  words: string[] = [],
  environment: Record<string, string> = {},
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const child = spawn(join(root, 'scripts', name), words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  child.once('error', reject);
  child.once('close', (code) => resolve({ code, output }));
  return promise;
}
