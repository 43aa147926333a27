import { spawnSync } from 'node:child_process';
import { StartupError } from '@aauth-stack/service/main';
import { root } from './root.ts';

// The packages that are published have a build too, which the stack does without: it runs from source.
const interfaces = ['@aauth-stack/person-portal', '@aauth-stack/supply-chain-ui'];

/** Builds the user interfaces; does nothing for those that are built from what the checkout holds now. */
export function buildInterfaces(): void {
  const words = ['run', 'build', ...interfaces.map((name) => `--filter=${name}`), '--output-logs=errors-only'];
  const { status, stdout, stderr } = spawnSync('turbo', words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new StartupError(`The user interfaces cannot be built:\n${stdout}${stderr}`);
}
