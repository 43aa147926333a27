import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { takeBackEverything } from '../support/person.ts';
import { killed } from '../support/processes.ts';
import { startAgain } from '../support/restart.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
beforeEach(takeBackEverything);
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(() => browser.close());

const asks = /^Backend App asks for access at Supply-chain agent/;

async function waitingRun() {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  const { interaction_url: url, interaction_code: code } = await interactionOf(requestId);
  return { requestId, url, code };
}

/** A window in which the person followed the link and signed in. */
async function atQuestion(url: string): Promise<Page> {
  const page = await newVisitor(browser);
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in to decide' }).waitFor();
  await signIn(page);
  await page.getByRole('heading', { name: asks }).waitFor();
  return page;
}

const cameBack = (page: Page, requestId: string) =>
  page.waitForURL(`http://localhost:3050/auth-callback?request_id=${requestId}**`);

describe('the person in a browser', () => {
  it('signs in, compares the code, reads who asks for what and why, approves, and comes back to the run', async () => {
    const { requestId, url, code } = await waitingRun();
    const page = await atQuestion(url);
    await page.getByText(code).waitFor();
    await page.getByText('Read stock, orders and policies').waitFor();
    await page.getByText('perform market analysis').first().waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await cameBack(page, requestId);
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(new URL(page.url()).searchParams.has('error')).toBe(false);
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('denies, and the run says so', async () => {
    const { requestId, url } = await waitingRun();
    const page = await atQuestion(url);
    await page.getByRole('button', { name: 'Deny' }).click();
    await cameBack(page, requestId);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    await page.getByRole('heading', { name: 'Nothing was granted' }).waitFor();
    expect((await endOf(requestId)).error).toMatch(/denied/i);
  });

  it('reloads in the middle, and the Person Server is restarted under the open page: the question is still there', async () => {
    const { requestId, url } = await waitingRun();
    const page = await atQuestion(url);
    await page.reload();
    await page.getByRole('heading', { name: asks }).waitFor();
    await killed('person-server');
    await startAgain();
    await page.getByRole('button', { name: 'Approve' }).click();
    await cameBack(page, requestId);
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('cannot open the link in a second browser: the code works once, and alone decides nothing', async () => {
    const { requestId, url } = await waitingRun();
    const first = await atQuestion(url);
    const second = await newVisitor(browser);
    await second.goto(url);
    await second.getByRole('heading', { name: 'Sign in to decide' }).waitFor();
    expect(await second.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await signIn(second);
    await second.getByText('This link does not lead to a request').waitFor();
    await first.getByRole('button', { name: 'Deny' }).click();
    await cameBack(first, requestId);
    expect((await endOf(requestId)).status).toBe('failed');
  });

  it('is told when somebody else decided while the page was open', async () => {
    const { requestId, url } = await waitingRun();
    const page = await atQuestion(url);
    // Another window of the same person, at the list of requests.
    const list = await newVisitor(browser);
    await list.goto('http://person-server.localhost:8765/ui/requests');
    await signIn(list);
    await list.getByRole('button', { name: 'Backend App', exact: true }).click();
    await list.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'This request has been decided already' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect((await endOf(requestId)).status).toBe('failed');
  });

  it('sees a request appear in the portal without a reload, and go when it is decided elsewhere', async () => {
    const page = await newVisitor(browser);
    await page.goto('http://person-server.localhost:8765/ui/requests');
    await signIn(page);
    await page.getByText('No agent asks you anything').waitFor();
    const { requestId, code } = await waitingRun();
    await page.getByRole('button', { name: 'Backend App', exact: true }).waitFor();
    await decide((await consentRequest(code)).pending_id, { approved: false });
    await page.getByText('No agent asks you anything').waitFor();
    expect((await endOf(requestId)).status).toBe('failed');
  });
});
