import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { launchChromium } from './chromium.ts';
import { startPersonServer, type TestPersonServer } from './person-server/server.ts';
import { cookie, openSession } from './person-server/session-routes.ts';

/** The built pages in a browser, before a Person Server in memory. */
export interface Portal {
  server: TestPersonServer;
  /** The page of the last {@link open}. */
  page: Page;
  /** What the browser complained about: a blocked script or style, an exception. Not what the server refused. */
  complaints: string[];
  /** A new browser window, that nobody has signed in with. */
  open: (options?: BrowserContextOptions) => Promise<Page>;
  /** Opens a page as somebody who has signed in. */
  visit: (path?: string) => Promise<Page>;
  goto: (path: string) => Promise<void>;
  close: () => Promise<void>;
}

export async function startPortal(): Promise<Portal> {
  const browser: Browser = await launchChromium();
  const server = await startPersonServer(inject('pages'));
  const portal: Portal = {
    server,
    page: await browser.newPage(),
    complaints: [],
    open: async (options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      page.on('console', (message) => {
        // A refused request is an answer, and the page's to show.
        const isRefusal = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isRefusal) portal.complaints.push(message.text());
      });
      page.on('pageerror', (error) => portal.complaints.push(error.message));
      page.on('dialog', () => portal.complaints.push('a dialog opened'));
      portal.page = page;
      return page;
    },
    visit: async (path = '/ui') => {
      const { page } = portal;
      const userAgent = await page.evaluate<string>('navigator.userAgent');
      const value = openSession(server.state, userAgent);
      await page.context().addCookies([{ name: cookie, value, url: server.origin, httpOnly: true, sameSite: 'Lax' }]);
      await page.goto(server.origin + path);
      return page;
    },
    goto: async (path) => {
      await portal.page.goto(server.origin + path);
      await portal.page.locator('h1').first().waitFor();
    },
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
  return portal;
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
