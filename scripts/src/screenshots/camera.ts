import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartupError } from '@aauth-stack/service/main';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../browser.ts';
import { root } from '../root.ts';

/** A browser whose pages are kept as pictures of the docs. */
export interface Camera {
  /** The files that were written, relative to the checkout. */
  readonly taken: string[];
  /** A window of a browser that knows nobody. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Keeps what a page shows as `docs/images/{name}.png`. */
  take(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

const size = { width: 1280, height: 800 };

export async function openCamera(): Promise<Camera> {
  const executablePath = findChromium();
  if (!executablePath) throw new StartupError('No Chromium is installed. Install it, or set CHROMIUM_PATH.');
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const taken: string[] = [];
  return {
    taken,
    async open(options) {
      const context = await browser.newContext({ viewport: size, colorScheme: 'light', ...options });
      context.setDefaultTimeout(60_000);
      return context.newPage();
    },
    async take(page, name) {
      const file = join('docs', 'images', `${name}.png`);
      mkdirSync(join(root, dirname(file)), { recursive: true });
      // Nothing is pointed at, and what was moving has come to rest.
      await page.mouse.move(0, 0);
      await page.screenshot({ path: join(root, file), animations: 'disabled' });
      taken.push(file);
    },
    close: () => browser.close(),
  };
}
