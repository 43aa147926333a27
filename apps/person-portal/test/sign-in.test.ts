import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { portalToken } from './support/person-server/session-routes.ts';
import { expectAccessible, keepPicture, type Portal, startPortal } from './support/portal.ts';

describe.skipIf(!chromiumIsInstalled)('signing in', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  beforeEach(() => {
    portal.server.state.sessions.clear();
  });
  afterEach(async () => {
    expect(portal.complaints.splice(0)).toEqual([]);
    await portal.page.context().close();
  });
  afterAll(() => portal.close());

  test('needs nothing but the keyboard, says what is wrong, and ends where the person wanted to go', async () => {
    const page = await portal.open();
    await page.goto(`${portal.server.origin}/ui/tokens`);
    await page.getByLabel('Portal token').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'sign-in');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is not the portal token').waitFor();
    await expectAccessible(page);
    await page.getByLabel('Portal token').fill('too often');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Try again in 290 seconds').waitFor();
    await page.getByLabel('Portal token').fill(portalToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor();
  });

  test('lasts until the person signs out', async () => {
    await portal.open();
    const page = await portal.visit();
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Portal token').waitFor();
    expect(portal.server.state.sessions.size).toBe(0);
    expect(await page.context().cookies()).toEqual([]);
  });

  test('is asked for again as soon as the session has ended elsewhere, and forgets what was shown', async () => {
    await portal.open();
    const page = await portal.visit();
    await page.getByRole('heading', { name: 'Active agents' }).waitFor();
    portal.server.endSessions();
    await page.getByLabel('Portal token').waitFor();
    expect(await page.getByRole('heading', { name: 'Active agents' }).count()).toBe(0);
  });

  test('can be ended everywhere else, and everywhere', async () => {
    await portal.open();
    await portal.visit();
    const elsewhere = portal.page;
    await portal.open();
    const page = await portal.visit('/ui/settings');
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').getByText('Your agents are not affected').waitFor();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'End all others' }).waitFor({ state: 'detached' });
    expect(portal.server.state.sessions.size).toBe(1);
    await elsewhere.reload();
    await elsewhere.getByLabel('Portal token').waitFor();
    await elsewhere.context().close();
    await page.getByRole('button', { name: 'End everywhere' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End everywhere' }).click();
    await page.getByLabel('Portal token').waitFor();
    expect(portal.server.state.sessions.size).toBe(0);
  });
});
