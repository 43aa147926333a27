import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from '../support/commands.ts';
import { until } from '../support/until.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where Jaeger's HTTP API is; null where there is no Jaeger. */
    jaegerApi: string | null;
  }
}

const api = 'http://127.0.0.1:16686';

/** Uses the Jaeger that runs on this machine, or starts one as a user does. */
export default async function startJaeger(project: TestProject): Promise<() => Promise<void>> {
  if (await answers()) {
    project.provide('jaegerApi', api);
    return async () => {};
  }
  if (!succeeds('jaeger', ['version']) && !succeeds('docker', ['info'])) {
    process.stdout.write(
      'SKIPPED: there is neither a jaeger binary on the PATH nor a Docker engine on this machine.\n',
    );
    project.provide('jaegerApi', null);
    return async () => {};
  }
  // In a process group of its own, so that what the script starts ends with it.
  const jaeger = spawn(join(root, 'scripts', 'run-jaeger.sh'), { cwd: root, detached: true, stdio: 'pipe' });
  let output = '';
  jaeger.stdout.on('data', (chunk) => {
    output += chunk;
  });
  jaeger.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<void>((resolve) => jaeger.once('exit', () => resolve()));
  await until(
    'Jaeger to answer (the image may have to be fetched)',
    () => {
      if (jaeger.exitCode !== null) throw new Error(`scripts/run-jaeger.sh ended with ${jaeger.exitCode}:\n${output}`);
      return answers();
    },
    300_000,
  );
  project.provide('jaegerApi', api);
  return async () => {
    if (jaeger.pid !== undefined && jaeger.exitCode === null) process.kill(-jaeger.pid, 'SIGINT');
    await ended;
  };
}

async function answers(): Promise<boolean> {
  const response = await fetch(`${api}/api/services`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

function succeeds(command: string, words: string[]): boolean {
  return spawnSync(command, words, { stdio: 'ignore' }).status === 0;
}
