import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts the backend as `pnpm start` does, with nothing in its environment but what is given, and waits until it listens. */
export async function startProcess(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', '@aauth-stack/telemetry/register', 'src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'close');
  const listening = Promise.withResolvers<string>();
  let output = '';
  const read = (chunk: Buffer) => {
    output += chunk.toString('utf8');
    const url = /listening on (http:[^"\s]+)/.exec(output)?.[1];
    if (url) listening.resolve(url);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  exit.then(() => listening.reject(new Error(`the process ended: ${output}`)));
  const url = await listening.promise;
  return {
    url,
    output: () => output,
    /** @returns the exit code */
    async close(): Promise<number | null> {
      child.kill('SIGTERM');
      const [code] = await exit;
      return code;
    },
  };
}
