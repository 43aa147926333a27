import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium unless another is named; playwright-core brings none of its own. */
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export const chromiumIsInstalled = existsSync(executablePath);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}
