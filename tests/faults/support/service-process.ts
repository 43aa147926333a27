import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../../scripts/src/services.ts';
import { answers } from '../../../scripts/src/wait-for.ts';
import { root } from '../../support/commands.ts';
import { until } from '../../support/until.ts';

/** One process of the stack, which tests may treat badly. */
export interface ServiceProcess {
  name: string;
  /** Answers at `/healthz` and `/readyz`. */
  health: string;
  /** Starts it and waits until it is healthy. What is given is added to its settings, from now on. */
  start(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it without giving it a chance to say goodbye. */
  kill(): Promise<void>;
  /** Asks it to end. Resolves to its exit code, or to the name of the signal that ended it. */
  terminate(): Promise<number | string | null>;
  /** Stops it where it stands, or lets it go on. */
  freeze(): void;
  thaw(): void;
  isRunning(): boolean;
  /** All that it has printed, over all its lives. */
  log(): string;
}

/** Far more than a start takes: a busy machine is not a fault. */
const startMs = 240_000;
const maxAttempts = 4;
// What one process has compiled, the next need not.
const compileCache = join(process.env.TMPDIR ?? '/tmp', 'aauth-stack-compile-cache');

export function createServiceProcess(service: Service, logFile: string): ServiceProcess {
  const { name, health } = service;
  let environment: Record<string, string> = { ...service.environment };
  let child: ChildProcess | undefined;
  let ended: Promise<number | string | null> = Promise.resolve(0);

  // Should this process end before it has stopped what it started.
  process.on('exit', () => child?.kill('SIGKILL'));

  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const log = () => readFileSync(logFile, 'utf8');

  function launch(): void {
    const output = openSync(logFile, 'a');
    const started = spawn(process.execPath, ['--import', '@aauth-stack/service/register', 'src/main.ts'], {
      cwd: join(root, 'apps', name),
      stdio: ['ignore', output, output],
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, OTEL_SDK_DISABLED: 'true', ...environment },
    });
    closeSync(output);
    child = started;
    ended = new Promise((resolve, reject) => {
      started.once('exit', (code, signal) => resolve(code ?? signal));
      started.once('error', reject);
    });
  }

  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    environment = { ...environment, ...more };
    let attempts = 1;
    launch();
    await until(
      `${name} to be healthy`,
      () => {
        if (!isRunning()) {
          // As whoever runs it would: on a busy machine its database may have been too slow for it.
          attempts += 1;
          if (attempts > maxAttempts) throw new Error(`${name} has ended:\n${log().slice(-2000)}`);
          launch();
        }
        return answers(`${health}/healthz`);
      },
      startMs,
    );
  }

  async function end(signal: NodeJS.Signals): Promise<number | string | null> {
    child?.kill(signal);
    return ended;
  }

  return {
    name,
    health,
    start,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    isRunning,
    log,
  };
}
