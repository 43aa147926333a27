import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createState, results, run } from './support/backend/state.ts';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, expectAccessible, keepPicture, startDemo } from './support/demo.ts';
import { startPersonServer, type TestPersonServer } from './support/person-server.ts';

describe.skipIf(!chromiumIsInstalled)('a decision of the person', () => {
  let demo: Demo;
  let personServer: TestPersonServer;
  let requestId: string;
  beforeAll(async () => {
    demo = await startDemo();
    personServer = await startPersonServer();
  });
  beforeEach(async () => {
    Object.assign(demo.backend.state, createState());
    const waiting = run();
    requestId = waiting.request_id;
    demo.backend.state.runs.push(waiting);
    await demo.open();
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(async () => {
    await demo.close();
    await personServer.stop();
  });

  /** Shows the run, and lets it need the person while it is shown. */
  async function needPerson(): Promise<Page> {
    const page = await demo.goto(`/runs/${requestId}`);
    await page.evaluate('window.sameDocument = true');
    demo.backend.change(requestId, {
      status: 'interaction_required',
      interaction_url: personServer.linkTo(`${demo.origin}/auth-callback?request_id=${requestId}`),
      interaction_code: 'K7PL-3BQ9',
      waiting_until: new Date(Date.now() + 600_000).toISOString(),
    });
    await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
    await page.getByText('K7PL-3BQ9').waitFor();
    await page.getByText(/^9 min left to decide|^10 min/).waitFor();
    return page;
  }

  const nobodyIsAsked = { interaction_url: null, interaction_code: null, waiting_until: null };

  async function openWindow(page: Page, name = 'Review and decide'): Promise<Page> {
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name }).click();
    const popup = await opened;
    await popup.getByText('K7PL-3BQ9').waitFor();
    return popup;
  }

  test('is made in a window that closes itself, and the run goes on without a reload', async () => {
    const page = await needPerson();
    await expectAccessible(page);
    await keepPicture(page, 'consent');
    const popup = await openWindow(page);
    await page.getByText('Decide in the window that has opened').waitFor();
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Approve' }).click();
    await closed;
    await page.getByText('You have decided.').waitFor();
    demo.backend.state.results.set(requestId, results(requestId));
    demo.backend.change(requestId, { status: 'running', current_step: 'Computing the results', ...nobodyIsAsked });
    await page.getByText('Computing the results').waitFor();
    expect(await page.getByRole('heading', { name: 'The agents need your decision' }).count()).toBe(0);
    demo.backend.change(requestId, { status: 'completed' });
    await page.getByText('$89,750').waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  test('may be no: the run says so, and can be tried again', async () => {
    const page = await needPerson();
    const popup = await openWindow(page);
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Deny' }).click();
    await closed;
    demo.backend.change(requestId, { status: 'failed', error_code: 'denied', error: 'Denied.', ...nobodyIsAsked });
    await page.getByText('You said no').waitFor();
    await page.getByRole('button', { name: 'Run it again' }).click();
    await page.getByRole('button', { name: 'Stop this run' }).waitFor();
  });

  test('can be put off: a closed window is told from a decision, and opened again', async () => {
    const page = await needPerson();
    await (await openWindow(page)).close();
    await page.getByText('You closed the window before you decided').waitFor();
    const again = await openWindow(page, 'Open it again');
    const closed = again.waitForEvent('close');
    await again.getByRole('link', { name: 'Approve' }).click();
    await closed;
    await page.getByText('You have decided.').waitFor();
  });

  test('closes its window also when the run has ended before the person is back', async () => {
    const page = await needPerson();
    const popup = await openWindow(page);
    const arrive = Promise.withResolvers<void>();
    await popup.route('**/auth-callback?*', async (route) => {
      await arrive.promise;
      await route.continue();
    });
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Approve' }).click({ noWaitAfter: true });
    demo.backend.state.results.set(requestId, results(requestId));
    demo.backend.change(requestId, { status: 'completed', ...nobodyIsAsked });
    await page.getByText('$89,750').waitFor();
    arrive.resolve();
    await closed;
  });

  test('can come too late', async () => {
    const page = await needPerson();
    const popup = await openWindow(page);
    const closed = popup.waitForEvent('close');
    demo.backend.change(requestId, { status: 'failed', error_code: 'expired', error: 'Expired.', ...nobodyIsAsked });
    await closed;
    await page.getByText('Nobody decided in time').waitFor();
    await page.getByRole('button', { name: 'Run it again' }).waitFor();
  });

  test('is reached by a link where the browser opens no windows', async () => {
    await demo.page.addInitScript('window.open = () => null;');
    const page = await needPerson();
    await page.getByRole('button', { name: 'Review and decide' }).click();
    await page.getByText('Your browser let no window open').waitFor();
    await expectAccessible(page);
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Decide in a new tab' }).click();
    const tab = await opened;
    await tab.getByRole('link', { name: 'Approve' }).click();
    await page.getByText('You have decided.').waitFor();
  });

  test('is asked for once more with another code, when another agent needs it', async () => {
    const page = await needPerson();
    const popup = await openWindow(page);
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Approve' }).click();
    await closed;
    demo.backend.change(requestId, { interaction_code: 'M3RT-8WXY' });
    await page.getByText('M3RT-8WXY').waitFor();
    await page.getByRole('button', { name: 'Review and decide' }).waitFor();
    expect(await page.getByText('You have decided.').count()).toBe(0);
  });

  test('brings the person back to a page of ours, which leads to the run where it cannot close', async () => {
    const page = await demo.goto(`/auth-callback?request_id=${requestId}&error=access_denied`);
    await page.getByRole('heading', { name: 'Nothing was granted' }).waitFor();
    await page.getByRole('link', { name: 'Show the run' }).click();
    await page.getByRole('button', { name: 'Stop this run' }).waitFor();
  });
});
