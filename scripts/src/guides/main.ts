import { StartupError } from '@aauth-stack/service/main';
import { UsageError } from '../arguments.ts';
import { say, sayError } from '../terminal.ts';
import { type GuideDifference, guideRuns, updateGuides } from './guides.ts';

const names = guideRuns.map(({ name }) => name);

async function main(words: readonly string[]): Promise<number> {
  const check = words.includes('--check');
  const wanted = words.filter((word) => word !== '--check');
  const unknown = wanted.find((word) => !names.includes(word));
  if (unknown !== undefined) {
    throw new UsageError(`"${unknown}" is not a run. Usage: scripts/write-guides.sh [--check] [${names.join('|')}] …`);
  }
  const runs = guideRuns.filter(({ name, missing }) => {
    if (wanted.length > 0) return wanted.includes(name);
    const lack = missing?.();
    if (lack) say(`Left out: ${name}, since ${lack}.`);
    return !lack;
  });
  const differences = await updateGuides(runs, { check });
  if (!check) say(differences.length === 0 ? 'The guides were up to date.' : `Written: ${filesOf(differences)}.`);
  if (!check || differences.length === 0) return 0;
  for (const difference of differences) sayError(describe(difference));
  sayError('The guides do not say what happens. scripts/write-guides.sh writes them anew.');
  return 1;
}

function filesOf(differences: readonly GuideDifference[]): string {
  return [...new Set(differences.map(({ file }) => file))].join(', ');
}

/** The first line that differs. */
function describe({ file, block, written, recorded }: GuideDifference): string {
  const [before, now] = [written.split('\n'), recorded.split('\n')];
  const line = now.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? now.length : line;
  return `${file}, ${block}, line ${at + 1}:\n  - ${before[at] ?? '(ends)'}\n  + ${now[at] ?? '(ends)'}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof UsageError || error instanceof StartupError;
  sayError(expected ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
