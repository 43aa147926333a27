import { serve } from '@aauth-stack/service/http';
import { createBuiltPages } from '@aauth-stack/service/pages';
import { captureLog } from '@aauth-stack/service/testing';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import type { PageSettings } from '../../src/api/settings.ts';
import { createApp } from '../../src/server/app.ts';
import { startBackend, type TestBackend } from './backend/server.ts';
import { launchChromium } from './chromium.ts';

/** The built pages in a browser, from the server that ships them, before a backend in memory. */
export interface Demo {
  backend: TestBackend;
  /** Where the pages are. */
  origin: string;
  /** The page of the last {@link open}. */
  page: Page;
  /** What the browser complained about: a blocked script or style, an exception. Not what the backend refused. */
  complaints: string[];
  /** A new browser window. */
  open: (options?: BrowserContextOptions) => Promise<Page>;
  goto: (path: string) => Promise<Page>;
  close: () => Promise<void>;
}

export async function startDemo(change: Partial<PageSettings> = {}): Promise<Demo> {
  const browser = await launchChromium();
  const backend = await startBackend();
  const settings = {
    backend_url: backend.origin,
    oidc: null,
    ...change,
  };
  const connectOrigins = [backend.origin, ...(change.oidc ? [change.oidc.issuer] : [])];
  const { log } = captureLog();
  const pages = createBuiltPages({ folder: inject('pages'), log });
  const app = createApp({ pages, settings, connectOrigins, log });
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const origin = `http://localhost:${server.port}`;
  const demo: Demo = {
    backend,
    origin,
    page: await browser.newPage(),
    complaints: [],
    open: async (options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.on('console', (message) => {
        // A refused request is an answer, and the page's to show.
        const isRefusal = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isRefusal) demo.complaints.push(message.text());
      });
      page.on('pageerror', (error) => demo.complaints.push(error.message));
      page.on('dialog', () => demo.complaints.push('a dialog opened'));
      demo.page = page;
      return page;
    },
    goto: async (path) => {
      await demo.page.goto(origin + path);
      await demo.page.locator('h1').first().waitFor();
      return demo.page;
    },
    close: async () => {
      await browser.close();
      await server.close();
      await backend.stop();
    },
  };
  return demo;
}

/** That axe finds nothing on the page, by all its rules or by some, and that the page is no wider than the window. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  const isThere = await page.evaluate<boolean>(`'axe' in window`);
  if (!isThere) await page.evaluate(axe.source);
  const options = JSON.stringify(rules ? { runOnly: rules } : {});
  const found = await page.evaluate<string[]>(
    `axe.run(${options}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
  );
  expect(found).toEqual([]);
  expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}

/** Keeps a picture where `SCREENSHOTS` names a folder. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
