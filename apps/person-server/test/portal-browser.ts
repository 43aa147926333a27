import { existsSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { builtPortalFolder } from '../src/portal/routes.ts';
import { cookieOf, sendSignIn } from './browser-session.ts';
import { launchChromium } from './chromium.ts';
import { type Deployment, portalToken } from './deployment.ts';

/** Browser windows with the portal in them, before a real Person Server. */
export interface PortalBrowser {
  /** What the browsers complained about: a blocked script or style, an exception. Not what the server refused. */
  readonly complaints: string[];
  /** A new window that nobody has signed in with. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A new window in which the person has signed in, at a page of the portal. */
  openSignedIn(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Closes every window. */
  closeWindows(): Promise<void>;
  close(): Promise<void>;
}

/** @param deployment the one of the test that is running */
export async function startPortalBrowser(deployment: () => Deployment): Promise<PortalBrowser> {
  if (!existsSync(join(builtPortalFolder, 'index.html'))) {
    throw new Error('The portal is not built: run "turbo run build --filter=@aauth-stack/person-portal" first.');
  }
  const browser = await launchChromium();
  const complaints: string[] = [];
  const open = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      // A refused request is an answer, and the page's to show.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', () => complaints.push('a dialog opened'));
    return page;
  };
  return {
    complaints,
    open,
    openSignedIn: async (path = '/ui', options = {}) => {
      const page = await open(options);
      await page.context().addCookies([await openSession(deployment())]);
      await page.goto(`${deployment().origin}${path}`);
      return page;
    },
    closeWindows: async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    close: () => browser.close(),
  };
}

/** The cookie of a new session. */
async function openSession(deployment: Deployment) {
  const [name = '', value = ''] = cookieOf(await sendSignIn(deployment, portalToken)).split('=');
  return { name, value, url: deployment.origin, httpOnly: true, sameSite: 'Lax' } as const;
}

export async function signInWith(page: Page, token = portalToken): Promise<void> {
  await page.getByLabel('Portal token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (token === portalToken) await page.getByLabel('Portal token').waitFor({ state: 'detached' });
}

/** That axe finds nothing on the page, and that the page is no wider than its window. */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axe.source);
  const found = await page.evaluate<string[]>(
    `axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
  );
  expect(found).toEqual([]);
  await expectToFit(page);
}

/** That nobody has to scroll sideways. */
export async function expectToFit(page: Page): Promise<void> {
  expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}
