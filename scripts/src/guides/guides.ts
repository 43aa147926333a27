import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import type { GuideRun } from './guide-run.ts';
import { type Blocks, blockNames, type Difference, fillBlocks } from './marked-blocks.ts';
import { aauthCommand } from './runs/aauth-command.ts';
import { anyGateway } from './runs/any-gateway.ts';
import { configuration } from './runs/configuration.ts';
import { mcp } from './runs/mcp.ts';
import { mode1 } from './runs/mode1.ts';
import { mode3 } from './runs/mode3.ts';
import { policy } from './runs/policy.ts';
import { userConsent } from './runs/user-consent.ts';

/** What the guides are made from; all but the configuration start the stack. */
export const guideRuns: readonly GuideRun[] = [
  configuration,
  mode1,
  mode3,
  userConsent,
  policy,
  mcp,
  anyGateway,
  aauthCommand,
];

export interface GuideDifference extends Difference {
  /** Relative to the checkout. */
  readonly file: string;
}

/**
 * Makes the runs and brings the guides up to date with them.
 *
 * @param options.check leave the files alone
 * @returns what was not up to date
 */
export async function updateGuides(runs: readonly GuideRun[], options: { check: boolean }): Promise<GuideDifference[]> {
  const differences: GuideDifference[] = [];
  for (const run of runs) {
    const blocks = fullNames(run.name, await run.record());
    checkUse(run.name, blocks);
    for (const file of guides()) {
      const path = join(root, file);
      const markdown = readFileSync(path, 'utf8');
      const filled = fillBlocks(markdown, blocks);
      differences.push(...filled.differences.map((difference) => ({ ...difference, file })));
      if (!options.check && filled.markdown !== markdown) writeFileSync(path, filled.markdown);
    }
  }
  return differences;
}

function guides(): string[] {
  return globSync('docs/**/*.md', { cwd: root }).sort();
}

function fullNames(run: string, blocks: Blocks): Blocks {
  return new Map([...blocks].map(([name, markdown]) => [`${run}/${name}`, markdown]));
}

/** A guide that asks for a block which no run has, or a block that no guide shows, is a mistake. */
function checkUse(run: string, blocks: Blocks): void {
  const asked = new Set(guides().flatMap((file) => blockNames(readFileSync(join(root, file), 'utf8'))));
  const missing = [...asked].filter((name) => name.startsWith(`${run}/`) && !blocks.has(name));
  const unused = [...blocks.keys()].filter((name) => !asked.has(name));
  if (missing.length > 0) throw new Error(`No run has the blocks ${missing.join(', ')}.`);
  if (unused.length > 0) throw new Error(`No guide shows the blocks ${unused.join(', ')}.`);
}
