import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findPortHolder } from '@aauth-stack/service/http';
import { recordProcess, runningProcesses } from './pid-file.ts';
import { logDirectory, root } from './root.ts';
import type { Service } from './services.ts';
import { answers, waitFor } from './wait-for.ts';

/** Something the person at the terminal can act on; printed without a stack. */
export class StartError extends Error {}

const startLimitMs = 60_000;

/** Starts a service, or finds the one that is already up, and waits until it is healthy. */
export async function startService(service: Service): Promise<'started' | 'running'> {
  if (runningProcesses().some(({ name }) => name === service.name)) {
    await healthy(service, () => undefined);
    return 'running';
  }
  await checkPorts(service);
  const logFile = join(logDirectory, `${service.name}.log`);
  mkdirSync(logDirectory, { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--import', '@aauth-stack/telemetry/register', 'src/main.ts'], {
    cwd: join(root, 'apps', service.name),
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, OTEL_SERVICE_NAME: service.telemetryName ?? service.name, ...service.environment },
  });
  let exit: string | undefined;
  child.once('error', (error) => {
    exit = error.message;
  });
  child.once('exit', (code, signal) => {
    exit = signal ?? `exit code ${code}`;
  });
  if (child.pid !== undefined) recordProcess(child.pid, service.name);
  await healthy(service, () => exit);
  child.removeAllListeners();
  child.unref();
  return 'started';
}

/** Waits until a service can do its work; an agent is ready once it has its agent token. */
export async function ready(service: Service, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  await waitFor(async () => (await answers(`${service.health}/readyz`)) || undefined, {
    timeoutMs,
    signal,
    onTimeout: () =>
      new StartError(
        `${service.name} is up but not ready after ${timeoutMs / 1000} s. Its log says why:\n${logTail(service)}`,
      ),
  });
}

async function healthy(service: Service, exited: () => string | undefined): Promise<void> {
  await waitFor(
    async () => {
      const reason = exited();
      if (reason) throw new StartError(`${service.name} ended at its start (${reason}):\n${logTail(service)}`);
      return (await answers(`${service.health}/healthz`)) || undefined;
    },
    {
      timeoutMs: startLimitMs,
      onTimeout: () =>
        new StartError(`${service.name} is not healthy after ${startLimitMs / 1000} s:\n${logTail(service)}`),
    },
  );
}

async function checkPorts(service: Service): Promise<void> {
  for (const port of service.ports) {
    if (await isFree(port)) continue;
    const holder = (await findPortHolder(port)) ?? 'another process';
    throw new StartError(`Port ${port}, which ${service.name} needs, is taken by ${holder}. Stop it and start again.`);
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  return promise;
}

function logTail(service: Service): string {
  const file = join(logDirectory, `${service.name}.log`);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
  return [...lines.map((line) => `  ${line}`), `  (${file})`].join('\n');
}
