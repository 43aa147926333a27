import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServiceProcess {
  /** Everything on standard output and standard error so far. */
  output(): string;
  /** The address it listens on. */
  url: Promise<string>;
  exit: Promise<number | null>;
  terminate(): Promise<number | null>;
}

/** Starts the agent as `pnpm start` does, with nothing in its environment but what is given. */
export function startService(environment: Record<string, string>): ServiceProcess {
  const child = spawn(process.execPath, ['--import', '@aauth-stack/telemetry/register', 'src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = exitOf(child);
  let output = '';
  const url = Promise.withResolvers<string>();
  url.promise.catch(() => {});
  const read = (chunk: Buffer) => {
    output += chunk.toString('utf8');
    const found = /listening on (http:[^"\s]+)/.exec(output)?.[1];
    if (found) url.resolve(found);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  exit.then(() => url.reject(new Error(`the process ended: ${output}`)));
  return {
    output: () => output,
    url: url.promise,
    exit,
    terminate() {
      child.kill('SIGTERM');
      return exit;
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close');
  return code;
}
