import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../command/context.ts';

type Environment = Context['env'];

/** Where profiles and their keys are (XDG Base Directory Specification). */
export function configFolder(env: Environment): string {
  return join(baseFolder(env, 'XDG_CONFIG_HOME', '.config'), 'aauth');
}

/** Where the tokens of the moment are: what may be deleted at any time. */
export function stateFolder(env: Environment): string {
  return join(baseFolder(env, 'XDG_STATE_HOME', join('.local', 'state')), 'aauth');
}

// The specification says to ignore a relative path.
function baseFolder(env: Environment, variable: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME', fallback: string): string {
  const value = env[variable];
  return value && isAbsolute(value) ? value : join(env.HOME || homedir(), fallback);
}
