import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../../apps/supply-chain-ui/test/support/openid-provider.ts';
import { backendUrl, endOf, startRun } from '../support/backend.ts';
import { launchChromium, newVisitor } from '../support/chromium.ts';
import { killed } from '../support/processes.ts';
import { startAgain } from '../support/restart.ts';

const ui = 'http://localhost:3050';
let browser: Browser;
let provider: TestProvider;

async function withSettings(environment: Record<string, string>): Promise<void> {
  await killed('backend');
  await killed('supply-chain-ui');
  await startAgain(environment);
}

beforeAll(async () => {
  browser = await launchChromium();
  provider = await startProvider();
  provider.admit(ui);
  await withSettings({ OIDC_ISSUER: provider.issuer });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await withSettings({});
  await provider?.stop();
});

async function signedIn(login: string): Promise<Page> {
  const page = await newVisitor(browser);
  await page.goto(ui);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText(`${login} of Acme`).waitFor();
  return page;
}

describe('with an OpenID Provider', () => {
  it('the backend answers to nobody who is not signed in, and says how', async () => {
    const response = await fetch(`${backendUrl}/optimization/runs`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await response.json()).toMatchObject({ error: 'sign_in_required' });
    const made = await fetch(`${backendUrl}/optimization/runs`, { headers: { authorization: 'Bearer made.up.token' } });
    expect([made.status, await made.json()]).toMatchObject([401, { error: 'invalid_token' }]);
  });

  it('a person signs in and runs; another person who signs in sees nothing of it', async () => {
    const mine = await signedIn('mcp-user');
    await mine.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
    await mine.getByRole('heading', { name: /^Recommendations/ }).waitFor();
    const run = mine.url();
    await mine.goto(`${ui}/history`);
    await mine.getByRole('list', { name: 'Runs' }).getByText('Completed').waitFor();

    const other = await signedIn('somebody-else');
    await other.goto(run);
    await other.getByRole('heading', { name: 'No such run' }).waitFor();
    await other.goto(`${ui}/history`);
    await other.getByText('There are no runs').waitFor();
  });
});

describe('without one again', () => {
  it('everybody is the guest, and the agents worked all the same', async () => {
    await withSettings({});
    expect((await endOf(await startRun({ prompt: 'perform market analysis' }))).status).toBe('completed');
    const page = await newVisitor(browser);
    await page.goto(ui);
    await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0);
  });
});
