import { StartupError } from '@aauth-stack/service/main';
import { isMode, type Mode, modes } from './modes.ts';

export interface StartArguments {
  mode: Mode;
  /** The person approves the demo's agents in the portal. */
  manual: boolean;
}

export class UsageError extends StartupError {}

/** Reads `[mode] [--mode mode] [--manual]`. */
export function parseStartArguments(words: readonly string[]): StartArguments {
  let mode: Mode | undefined;
  let manual = process.env.AAUTH_MANUAL_APPROVAL === '1';
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--manual') manual = true;
    else if (word === '--mode') mode = toMode(words[++index]);
    else if (word.startsWith('--mode=')) mode = toMode(word.slice('--mode='.length));
    else mode = toMode(word);
  }
  return { mode: mode ?? 'mode1', manual };
}

function toMode(word: string | undefined): Mode {
  if (word !== undefined && isMode(word)) return word;
  const known = Object.keys(modes).join('|');
  throw new UsageError(`"${word ?? ''}" is not a mode. Usage: scripts/start-infra.sh [${known}] [--manual]`);
}
