import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './commands.ts';

/** The log lines that a service wrote, parsed. */
export function logOf(service: string): Array<Record<string, unknown>> {
  const text = readFileSync(join(root, 'logs', `${service}.log`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** How many requests a service has answered so far. */
export function requestsOf(service: string): number {
  return logOf(service).filter(({ method, status }) => method !== undefined && status !== undefined).length;
}
