import { spawnSync } from 'node:child_process';
import { StartupError } from '@aauth-stack/service/main';
import { root } from './root.ts';

/** Builds the user interfaces; does nothing for those that are built from what the checkout holds now. */
export function buildInterfaces(): void {
  const { status, stdout, stderr } = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new StartupError(`The user interfaces cannot be built:\n${stdout}${stderr}`);
}
