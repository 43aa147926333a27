import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './client.ts';
import { freePort } from './servers.ts';

const config = new URL('../../../../infra/envoy/envoy.yaml', import.meta.url);

/** Envoy on this machine, in `ENVOY_PATH` or on the `PATH`; undefined where there is none. */
export const envoyPath = [
  process.env.ENVOY_PATH ?? '',
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'envoy')),
].find(isExecutable);

export interface TestEnvoy {
  readonly port: number;
  close(): Promise<void>;
}

/** Envoy with the config of infra/envoy, on other ports. */
export async function startEnvoy(
  ports: { readonly grpc: number; readonly api: number; readonly service: number },
  change: (text: string) => string = (text) => text,
): Promise<TestEnvoy> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'envoy-'));
  const file = join(directory, 'envoy.yaml');
  const moved = { 8090: port, 7001: ports.service, 7072: ports.grpc, 8082: ports.api };
  const text = Object.entries(moved).reduce(
    (written, [from, to]) => written.replaceAll(`port_value: ${from}`, `port_value: ${to}`),
    readFileSync(config, 'utf8'),
  );
  writeFileSync(file, change(text));
  const options = ['--concurrency', '1', '--disable-hot-restart', '--log-level', 'error', '-c', file];
  const child = spawn(envoyPath ?? 'envoy', options, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const health = { method: 'GET', target: '/.well-known/aauth-resource.json', headers: envoyHost, body: '' };
  for (let answer: { status: number } | undefined; answer?.status !== 200; ) {
    if (child.exitCode !== null) throw new Error(`Envoy ended with ${child.exitCode}.`);
    answer = await send(port, health).catch(() => undefined);
    if (answer?.status !== 200) await sleep(50);
  }
  return {
    port,
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

const envoyHost = { host: 'notes.localhost:8090' } as const;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return file !== '';
  } catch {
    return false;
  }
}
