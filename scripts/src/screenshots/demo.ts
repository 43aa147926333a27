import type { Page } from 'playwright-core';
import { addresses, portalToken } from '../services.ts';
import type { Camera } from './camera.ts';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** The demo's pages: a run that is denied, and one that is approved. */
export async function takeDemo(camera: Camera): Promise<void> {
  const page = await camera.open();
  await page.goto(addresses.supplyChainUi);
  await page.getByText('What the agents do appears here.').waitFor();
  await camera.take(page, 'demo/start');

  await startRun(page);
  const first = await openWindow(page);
  await signIn(first);
  await press(first, 'Deny');
  await page.getByText('You said no').waitFor();
  await page.getByRole('list', { name: /^Exchanges/ }).waitFor();
  await camera.take(page, 'demo/denied');

  await page.goto(addresses.supplyChainUi);
  await startRun(page);
  await camera.take(page, 'demo/consent');
  await takeOnPhone(camera, page.url());
  const second = await openWindow(page);
  await second.getByRole('button', { name: 'Approve' }).waitFor();
  await camera.take(second, 'portal/consent');
  await press(second, 'Approve');
  await takeResult(camera, page, 'demo/result');
  await takeInDark(camera, page.url());
  await page.getByRole('tab', { name: 'Agents’ reports' }).click();
  await page.getByRole('article').first().waitFor();
  await camera.take(page, 'demo/reports');
  await takeFlow(camera, page);
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('list', { name: 'Runs' }).waitFor();
  await camera.take(page, 'demo/history');
  await page.getByRole('link', { name: 'How it works' }).click();
  await page.getByRole('heading', { level: 2 }).first().waitFor();
  await camera.take(page, 'demo/how-it-works');
  await page.context().close();
}

/** What happened on the wire, and one exchange of it opened. */
async function takeFlow(camera: Camera, page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'On the wire' }).click();
  const exchanges = page.getByRole('list', { name: /^Exchanges/ });
  await exchanges.waitFor();
  await page.getByRole('tablist', { name: 'This run' }).evaluate((tabs) => tabs.scrollIntoView());
  await camera.take(page, 'demo/flow');
  await exchanges.getByRole('button').filter({ hasText: 'auth-token' }).first().click();
  await page.getByRole('tab', { name: 'Signature' }).waitFor();
  await camera.take(page, 'demo/flow-exchange');
  await page.evaluate('window.scrollTo(0, 0)');
}

async function startRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
  await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
}

async function openWindow(page: Page): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Review and decide' }).click();
  return opened;
}

/** Signs in at the Person Server. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Portal token').fill(portalToken());
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function press(popup: Page, name: string): Promise<void> {
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name }).click();
  await closed;
}

async function takeOnPhone(camera: Camera, url: string): Promise<void> {
  const page = await camera.open(phone);
  await page.goto(url);
  await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
  await camera.take(page, 'demo/consent-phone');
  await page.context().close();
}

async function takeInDark(camera: Camera, url: string): Promise<void> {
  const page = await camera.open({ colorScheme: 'dark' });
  await page.goto(url);
  await takeResult(camera, page, 'demo/result-dark');
  await page.context().close();
}

async function takeResult(camera: Camera, page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
  await page.getByRole('navigation', { name: 'What happened on the wire' }).waitFor();
  await camera.take(page, name);
}
