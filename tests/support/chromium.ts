import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium unless another is named; `scripts/run-tests.sh` installs it where it is missing. */
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** A window of a browser of its own, with nothing remembered, that gives a slow machine time. */
export async function newVisitor(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  context.setDefaultTimeout(60_000);
  return context.newPage();
}

export async function signIn(page: Page, portalToken = 'mytoken'): Promise<void> {
  await page.getByLabel('Portal token').fill(portalToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
