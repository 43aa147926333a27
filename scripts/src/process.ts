import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findPortHolder } from '@aauth-stack/service/http';
import { StartupError } from '@aauth-stack/service/main';
import { recordProcess, runningProcesses } from './pid-file.ts';
import { logDirectory, root } from './root.ts';
import type { Service } from './services.ts';
import { answers, waitFor } from './wait-for.ts';

const startLimitMs = 60_000;

export type Outcome = 'started' | 'running';

/**
 * Starts services side by side, or finds those that are up already, and tells of each, in order, once it is healthy.
 */
export async function startServices(
  services: readonly Service[],
  onHealthy: (service: Service, outcome: Outcome) => void,
): Promise<void> {
  const launched = new Map(notRunning(services).map((service) => [service, launch(service)]));
  for (const service of services) {
    const own = launched.get(service);
    await healthy(service, () => own?.exit);
    own?.release();
    onHealthy(service, own ? 'started' : 'running');
  }
}

/** Refuses to start when a port that is needed is taken, naming the process that holds it. */
export async function checkPorts(services: readonly Service[]): Promise<void> {
  for (const { name, ports } of notRunning(services)) {
    for (const port of ports) {
      if (await isFree(port)) continue;
      const holder = (await findPortHolder(port)) ?? 'another process';
      throw new StartupError(`Port ${port}, which ${name} needs, is taken by ${holder}. Stop it and start again.`);
    }
  }
}

function notRunning(services: readonly Service[]): Service[] {
  const running = new Set(runningProcesses().map(({ name }) => name));
  return services.filter(({ name }) => !running.has(name));
}

interface Launched {
  /** How it ended, if it has. */
  exit: string | undefined;
  /** Lets it run on when this process ends. */
  release(): void;
}

function launch(service: Service): Launched {
  mkdirSync(logDirectory, { recursive: true });
  const log = openSync(logFileOf(service), 'a');
  const child = spawn(process.execPath, ['--import', '@aauth-stack/service/register', 'src/main.ts'], {
    cwd: join(root, 'apps', service.name),
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, OTEL_SERVICE_NAME: service.telemetryName ?? service.name, ...service.environment },
  });
  const launched: Launched = {
    exit: undefined,
    release() {
      child.removeAllListeners();
      child.unref();
    },
  };
  child.once('error', (error) => {
    launched.exit = error.message;
  });
  child.once('exit', (code, signal) => {
    launched.exit = signal ?? `exit code ${code}`;
  });
  if (child.pid !== undefined) recordProcess(child.pid, service.name);
  return launched;
}

/** Waits until a service can do its work; an agent is ready once it has its agent token. */
export async function ready(service: Service, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  await waitFor(async () => (await answers(`${service.health}/readyz`)) || undefined, {
    timeoutMs,
    signal,
    onTimeout: () =>
      new StartupError(
        `${service.name} is up but not ready after ${timeoutMs / 1000} s. Its log says why:\n${logTail(service)}`,
      ),
  });
}

async function healthy(service: Service, exited: () => string | undefined): Promise<void> {
  await waitFor(
    async () => {
      const reason = exited();
      if (reason) throw new StartupError(`${service.name} ended at its start (${reason}):\n${logTail(service)}`);
      return (await answers(`${service.health}/healthz`)) || undefined;
    },
    {
      timeoutMs: startLimitMs,
      onTimeout: () =>
        new StartupError(`${service.name} is not healthy after ${startLimitMs / 1000} s:\n${logTail(service)}`),
    },
  );
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  return promise;
}

function logFileOf(service: Service): string {
  return join(logDirectory, `${service.name}.log`);
}

function logTail(service: Service): string {
  const file = logFileOf(service);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
  return [...lines.map((line) => `  ${line}`), `  (${file})`].join('\n');
}
