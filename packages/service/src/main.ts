import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { shutdownTelemetry } from '@aauth-stack/telemetry';
import { StartupError } from './startup-error.ts';
import { beginStopping, stopping, stopSettings } from './stopping.ts';

export { configure } from './configure.ts';
export { StartupError } from './startup-error.ts';

export interface Service {
  /** Lets work under way finish and frees everything the service holds. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** How long closing may take, beside the requests under way, before the process exits anyway, in milliseconds. */
  stopMs?: number;
  /** The signals that stop it. A terminal sends SIGINT to every process of a service, of which one may stop the others. */
  stopOn?: readonly ('SIGTERM' | 'SIGINT')[];
}

const standardError = 2;

/**
 * Runs a service for the life of the process. SIGTERM and SIGINT, those of them that `stopOn` names, say that it is no longer
 * ready, close it after `STOP_DELAY` and exit with 0; a second signal, or closing that takes too long, exits at once with 1. When
 * it cannot start, a {@link StartupError} (a wrong setting, a taken port, no database) is one line on standard error, anything else
 * is printed with its stack, and the exit status is 1.
 */
export async function runService(
  name: string,
  start: () => Promise<Service>,
  { stopMs = 5_000, stopOn = ['SIGTERM', 'SIGINT'] }: RunOptions = {},
): Promise<void> {
  const starting = startWith(start);
  const stop = async () => {
    if (stopping.aborted) return exit(name, 'stopped by a second signal');
    beginStopping();
    const { delayMs, drainMs } = stopSettings(process.env);
    const limitMs = delayMs + drainMs + stopMs;
    setTimeout(() => exit(name, `did not stop within ${limitMs} ms`), limitMs).unref();
    try {
      const service = await starting;
      await delay(delayMs);
      await service.close();
    } catch (error) {
      return exit(name, `failed while stopping: ${stackOf(error)}`);
    }
    await shutdownTelemetry();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stopOn.includes(signal) ? stop : () => {});
  try {
    await starting;
  } catch (error) {
    await shutdownTelemetry();
    exit(name, `cannot start: ${error instanceof StartupError ? error.message : stackOf(error)}`);
  }
}

async function startWith(start: () => Promise<Service>): Promise<Service> {
  // What is wrong there is told now, and not when the service is to end.
  stopSettings(process.env);
  return start();
}

function exit(name: string, reason: string): never {
  try {
    writeSync(standardError, `${name} ${reason}\n`);
  } catch {
    // Where it cannot be written, it ends all the same.
  }
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
