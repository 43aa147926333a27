import { type ChildProcess, spawn } from 'node:child_process';
import { StartupError } from '@aauth-stack/service/main';
import { root } from '../root.ts';

/** Commands as a reader of the guides gives them, in the checkout. */
export interface Shell {
  /** Runs a command to its end and returns what it prints. */
  run(command: string): Promise<string>;
  /** Starts a command that goes on until `end`. */
  start(command: string): void;
  /** Ends what was started. */
  end(): void;
}

/** @param dataDirectory takes the place of the checkout's own, which the guides call `.data` */
export function createShell(dataDirectory: string): Shell {
  // Nothing else of the environment, so that the guides do not depend on who writes them.
  const { PATH = '', HOME = '' } = process.env;
  const started: ChildProcess[] = [];
  const bash = (command: string) =>
    spawn('bash', ['-euo', 'pipefail', '-c', command.replaceAll('.data/', `${dataDirectory}/`)], {
      cwd: root,
      env: { PATH, HOME, AAUTH_DATA_DIR: dataDirectory },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that whatever it starts can be ended with it.
      detached: true,
    });
  return {
    run(command) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const child = bash(command);
      let output = '';
      let problems = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        problems += chunk;
      });
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(output.trimEnd());
        else reject(new StartupError(`"${command}" ended with ${code}:\n${output}${problems}`));
      });
      return promise;
    },
    start(command) {
      started.push(bash(command));
    },
    end() {
      for (const { pid, exitCode } of started) if (pid !== undefined && exitCode === null) process.kill(-pid);
    },
  };
}
