import { writeSync } from 'node:fs';
import { shutdownTelemetry } from '@aauth-stack/telemetry';
import { StartupError } from './startup-error.ts';

export { configure } from './configure.ts';
export { StartupError } from './startup-error.ts';

export interface Service {
  /** Lets work under way finish and frees everything the service holds. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** How long stopping may take before the process exits anyway, in milliseconds. */
  stopMs?: number;
}

const standardError = 2;

/**
 * Runs a service for the life of the process. SIGTERM and SIGINT close it and exit with 0; a second signal, or closing
 * that takes longer than `stopMs`, exits at once with 1. When it cannot start, a {@link StartupError} (a wrong setting,
 * a taken port, no database) is one line on standard error, anything else is printed with its stack, and the exit
 * status is 1.
 */
export async function runService(
  name: string,
  start: () => Promise<Service>,
  { stopMs = 10_000 }: RunOptions = {},
): Promise<void> {
  const starting = start();
  let stopping = false;
  const stop = async () => {
    if (stopping) return exit(name, 'stopped by a second signal');
    stopping = true;
    setTimeout(() => exit(name, `did not stop within ${stopMs} ms`), stopMs).unref();
    try {
      await (await starting).close();
    } catch (error) {
      return exit(name, `failed while stopping: ${stackOf(error)}`);
    }
    await shutdownTelemetry();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    await starting;
  } catch (error) {
    await shutdownTelemetry();
    exit(name, `cannot start: ${error instanceof StartupError ? error.message : stackOf(error)}`);
  }
}

function exit(name: string, reason: string): never {
  writeSync(standardError, `${name} ${reason}\n`);
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
