import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TestProcess {
  /** Everything on standard output and standard error so far. */
  output(): string;
  /** The address it says it listens on; rejects when it ends without saying one. */
  url: Promise<string>;
  /** Exit code, once it has ended. */
  ended: Promise<number | null>;
  /** Asks it to stop. Resolves to the exit code. */
  terminate(): Promise<number | null>;
}

export interface TestProcessOptions {
  /** Folder of the package it belongs to. */
  directory: URL;
  /** All that is in its environment, beside the path to programs. */
  environment: Record<string, string>;
  /** What it runs; by default the service itself, as its `start` script does. */
  arguments?: readonly string[];
}

const serviceArguments = ['--import', '@aauth-stack/service/register', 'src/main.ts'];
// What one process has compiled, the next need not.
const NODE_COMPILE_CACHE = join(tmpdir(), 'aauth-stack-compile-cache');

/** Runs a program as a process of its own until the test is finished. */
export function startProcess(options: TestProcessOptions): TestProcess {
  const { kill, ...started } = spawnProcess(options);
  onTestFinished(kill);
  return started;
}

/** The same for whoever ends it, as the hooks around several tests do. */
export function spawnProcess(options: TestProcessOptions): TestProcess & { kill(): Promise<void> } {
  const { directory, environment, arguments: args = serviceArguments } = options;
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  const listening = Promise.withResolvers<string>();
  listening.promise.catch(() => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, url] = /listening on (http:[^"\s]+)/.exec(output) ?? [];
      if (url) listening.resolve(url);
    });
  }
  ended.then(() => listening.reject(new Error(`The process has ended: ${output}`)));
  return {
    output: () => output,
    url: listening.promise,
    ended,
    terminate() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
