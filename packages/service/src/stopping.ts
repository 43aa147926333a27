import { z } from 'zod';
import { type Environment, parseConfig } from './config/parse-config.ts';
import { stopEnv } from './config/service-env.ts';

const asked = new AbortController();

/** Aborted once the process has been asked to end. Until it listens no more it goes on serving, for `STOP_DELAY`. */
export const stopping: AbortSignal = asked.signal;

export function beginStopping(): void {
  asked.abort();
}

export interface StopSettings {
  /** How long it goes on serving, in milliseconds, so that whoever sends it traffic notices that it is no longer ready. */
  delayMs: number;
  /** How long requests under way may take after that. */
  drainMs: number;
}

/** @throws ConfigError */
export function stopSettings(environment: Environment): StopSettings {
  const { STOP_DELAY, STOP_TIMEOUT } = parseConfig(z.object(stopEnv()), environment);
  return { delayMs: STOP_DELAY * 1000, drainMs: STOP_TIMEOUT * 1000 };
}
