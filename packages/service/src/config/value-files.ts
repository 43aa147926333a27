import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { Environment } from './parse-config.ts';

/**
 * The content of the file that `<name>_FILE` names, without the line break at its end: how Docker and Kubernetes hand
 * secrets over that should not stand in a process's environment.
 *
 * @returns undefined when there is no such variable
 * @throws ConfigError when the file cannot be read
 */
export function valueFromFile(name: string, environment: Environment): string | undefined {
  const variable = `${name}_FILE`;
  const file = environment[variable];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new ConfigError([{ variable, value: file, expected: `a file that can be read, with the value of ${name},` }]);
  }
}
