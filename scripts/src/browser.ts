import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { say } from './terminal.ts';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is; undefined where none is installed. */
export function findChromium(): string | undefined {
  return process.env.CHROMIUM_PATH || candidates.find((file) => existsSync(file));
}

/** Makes sure that the browser tests find a Chromium: Debian's package is installed where that is possible. */
export function prepareBrowser(): void {
  if (findChromium()) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say('No Chromium is installed: the browser tests will fail. Install it, or set CHROMIUM_PATH.');
    return;
  }
  say('Installing Chromium for the browser tests …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: environment };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
}
