import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const register = new URL('../src/register.ts', import.meta.url).href;
const program = fileURLToPath(new URL('./service.ts', import.meta.url));

export interface TestService {
  url: string;
  /** Everything on standard error so far. */
  errors(): string;
  /** Sends SIGTERM, waits for the exit, and returns the last line of standard output. */
  stop(): Promise<string>;
}

/** Starts `test/service.ts` in a process of its own, as services are started. */
export async function startService(environment: Record<string, string>, args: string[] = []): Promise<TestService> {
  const child = spawn(process.execPath, ['--import', register, program, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  await Promise.race([once(child.stdout, 'data'), failOnExit(child, () => errors)]);
  return {
    url: `http://127.0.0.1:${output.trim()}`,
    errors: () => errors,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'close');
      }
      return output.trim().split('\n').at(-1) ?? '';
    },
  };
}

async function failOnExit(child: ChildProcess, errors: () => string): Promise<never> {
  await once(child, 'close');
  throw new Error(`The service ended before it listened: ${errors()}`);
}
