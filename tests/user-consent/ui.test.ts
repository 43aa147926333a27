import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { progressOf } from '../support/backend.ts';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { takeBackEverything } from '../support/person.ts';
import { killed } from '../support/processes.ts';
import { startAgain } from '../support/restart.ts';

const ui = 'http://localhost:3050';
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
beforeEach(async () => {
  await takeBackEverything();
  page = await newVisitor(browser);
  complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content.Security.Policy|CORS/i.test(message.text())) {
      complaints.push(message.text());
    }
  });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  expect(complaints).toEqual([]);
});
afterAll(() => browser.close());

/** Starts a run with one press, as far as the question. */
async function askedForDecision(): Promise<{ requestId: string; code: string }> {
  await page.goto(ui);
  await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
  await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
  const code = (await page.getByRole('status', { name: 'Compare this code' }).textContent()) ?? '';
  return { requestId: new URL(page.url()).pathname.replace('/runs/', ''), code };
}

/** The window that opens, once the person has signed in there. */
async function openWindow(name = 'Review and decide', signedIn = false): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name }).click();
  const popup = await opened;
  if (!signedIn) await signIn(popup);
  await popup.getByRole('heading', { name: /^Backend App asks for access at Supply-chain agent/ }).waitFor();
  return popup;
}

async function press(popup: Page, name: string): Promise<void> {
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name }).click();
  await closed;
}

describe('a person at the demo’s page', () => {
  it('starts a run, compares the code, approves in a window that closes itself, and reads the result', async () => {
    const { requestId, code } = await askedForDecision();
    expect(code).toBe((await progressOf(requestId)).interaction_code);
    await page.evaluate('window.sameDocument = true');
    const popup = await openWindow();
    await popup.getByText(code).waitFor();
    await press(popup, 'Approve');
    await page.getByText('Completed', { exact: true }).first().waitFor();
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
    expect(await page.getByRole('table', { name: 'Recommendations' }).getByRole('row').count()).toBeGreaterThan(1);
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    await page.getByRole('tab', { name: 'Agents’ reports' }).click();
    await page.getByRole('article', { name: 'Report of the Supply Chain Optimizer Agent' }).waitFor();
    await page.getByRole('article', { name: 'Report of the Market Analysis Agent' }).waitFor();
    await page.getByText('delivered its report').first().waitFor();
  });

  it('says no, is told so, and may be asked again', async () => {
    await askedForDecision();
    await press(await openWindow(), 'Deny');
    await page.getByText('You said no').waitFor();
    await page.getByRole('button', { name: 'Run it again' }).click();
    await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
    await press(await openWindow('Review and decide', true), 'Approve');
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
  });

  it('closes the window, sees that the agents still wait, and decides later', async () => {
    await askedForDecision();
    await (await openWindow()).close();
    await page.getByText('You closed the window before you decided').waitFor();
    // The code works in one browser; this is the same one.
    await press(await openWindow('Open it again', true), 'Approve');
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
  });

  it('finds the run again after a reload and after a restart of the backend', async () => {
    const { requestId, code } = await askedForDecision();
    await killed('backend');
    await page.getByText('The backend is not answering').waitFor();
    await startAgain();
    await page.getByText('The backend is not answering').waitFor({ state: 'detached' });
    // It is asked anew: what the Person Server held belonged to the call that was lost.
    await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
    await page.reload();
    const popup = await openWindow();
    await press(popup, 'Approve');
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
    await page.goto(`${ui}/history`);
    await page.locator(`a[href="/runs/${requestId}"]`).click();
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
    expect(code).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  });
});
