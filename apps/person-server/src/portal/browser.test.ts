import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { chromiumIsInstalled, launchChromium } from '../../test/chromium.ts';
import { type Deployment, portalToken, startDeployment } from '../../test/deployment.ts';
import { startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, authToken, jtiOf, personToken } from '../../test/test-agent.ts';

/** The smallest contrast between a text and what is behind it, over everything on the page. */
const worstContrast = readFileSync(new URL('../../test/worst-contrast.js', import.meta.url), 'utf8');

const title = chromiumIsInstalled ? 'in Chromium' : 'in Chromium: skipped, because /usr/bin/chromium is not installed';

describe.skipIf(!chromiumIsInstalled)(title, { timeout: 30_000 }, () => {
  let browser: Browser;
  let deployment: Deployment;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    deployment = await startDeployment();
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.stop();
  });
  beforeEach(async () => {
    errors.length = 0;
    await open({});
  });
  afterEach(() => page.context().close());

  async function open(options: Parameters<Browser['newContext']>[0]) {
    await page?.context().close();
    page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('dialog', () => errors.push('a dialog opened'));
  }

  async function signIn() {
    await page.goto(`${deployment.origin}/ui`);
    await page.getByLabel('Portal token').fill(portalToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /Waiting for you/ }).waitFor();
  }

  const waiting = (name: string) => page.locator('[data-registration]', { hasText: name });
  const agent = (name: string) => page.locator('[data-agent]', { hasText: name });
  const screenshot = async (name: string) => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  test('the person signs in at 127.0.0.1, approves, denies, revokes and signs out', async () => {
    await deployment.peer.enrol('Supply Chain Optimizer Agent');
    await deployment.peer.enrol('Unknown Agent');
    await page.goto(`http://127.0.0.1:${deployment.port}/ui`);
    expect(page.url()).toBe(`${deployment.origin}/ui`);
    await screenshot('sign-in');
    await page.getByLabel('Portal token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is not the portal token').waitFor();
    await screenshot('sign-in-wrong');
    expect(errors.splice(0)).toEqual([expect.stringContaining('403')]);
    await page.getByLabel('Portal token').fill(portalToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /Waiting for you/ }).waitFor();
    await screenshot('pending');

    await waiting('Supply Chain').getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('status').getByText('Approved').waitFor();
    expect(await agent('Supply Chain').count()).toBe(1);
    await waiting('Unknown').getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('status').getByText('Denied').waitFor();
    expect(await waiting('Unknown').count()).toBe(0);
    await screenshot('active');

    const button = agent('Supply Chain').getByRole('button', { name: 'Revoke this agent' });
    expect(await button.isVisible()).toBe(false);
    await agent('Supply Chain').getByText('Revoke', { exact: true }).click();
    await agent('Supply Chain').getByText('its next request is refused at once').waitFor();
    await screenshot('revoking');
    await button.click();
    await page.getByRole('status').getByText('Revoked').waitFor();
    expect(deployment.peer.bindings.every(({ revoked }) => revoked)).toBe(true);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Portal token').waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('the person sees what agents hold and why, takes a token back, trusts a provider and removes it', async () => {
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'standing' });
    const resource = await startResourcePeer(deployment.clock);
    const shopper = await approvedAgent(deployment, 'Shopping Agent');
    const presented = await personToken(deployment, shopper, resource, { justification: 'To order what runs out' });
    const granted = await authToken(deployment, shopper, resource, presented);
    await signIn();

    await page.locator('summary', { hasText: 'Decided by your policy 2' }).click();
    await page.getByText('To order what runs out').waitFor();
    await page.locator('summary', { hasText: 'Tokens your agents hold 2' }).click();
    const row = page.locator(`[data-token="${jtiOf(granted)}"]`);
    const button = row.getByRole('button', { name: 'Revoke this token' });
    expect(await button.isVisible()).toBe(false);
    await row.getByText('Revoke', { exact: true }).click();
    await row.getByText('is told to refuse this auth token').waitFor();
    await screenshot('tokens');
    await button.click();
    await page.getByRole('status').getByText('Revoked a token for').waitFor();
    await page.locator('summary', { hasText: 'Tokens your agents hold 1' }).click();
    await row.getByText('The resource refuses it.').waitFor();
    expect(resource.revoked.map(({ jti }) => jti)).toEqual([jtiOf(granted)]);

    const foreign = await startAgentProviderPeer(deployment.clock);
    await page.locator('summary', { hasText: 'Trusted agent providers 1' }).click();
    await page.getByLabel('Address').fill(foreign.issuer);
    await page.getByRole('button', { name: 'Trust it' }).click();
    await page.getByRole('status').getByText('You now trust').waitFor();
    await page.locator('summary', { hasText: 'Trusted agent providers 2' }).click();
    await screenshot('providers');
    const provider = page.locator(`[data-provider="${foreign.issuer}"]`);
    await provider.getByText('Remove', { exact: true }).click();
    await provider.getByRole('button', { name: 'Remove this provider' }).click();
    await page.getByRole('status').getByText('You no longer trust').waitFor();
    expect(errors).toEqual([]);
    await Promise.all([resource.stop(), foreign.stop()]);
  });

  test('a keyboard is enough', async () => {
    const { id } = await deployment.peer.enrol('Keyboard Agent');
    await page.goto(`${deployment.origin}/ui`);
    await page.keyboard.type(portalToken);
    await page.keyboard.press('Enter');
    await waiting('Keyboard').waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 20 && !reached.includes('Approve'); presses++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<string>('document.activeElement.textContent.trim()'));
    }
    expect(reached[0]).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Approved').waitFor();
    expect(deployment.peer.registrations.find((registration) => registration.id === id)?.status).toBe('approved');
  });

  test('works without scripts', async () => {
    await deployment.peer.enrol('Plain Agent');
    await open({ javaScriptEnabled: false });
    await signIn();
    await waiting('Plain').getByRole('button', { name: 'Approve' }).click();
    await agent('Plain').getByText('Revoke', { exact: true }).click();
    await agent('Plain').getByRole('button', { name: 'Revoke this agent' }).click();
    await page.getByRole('status').getByText('Revoked').waitFor();
  });

  test('tells of a new agent without moving anything, and shows it when asked', async () => {
    await page.clock.install();
    await signIn();
    const { id } = await deployment.peer.enrol('Surprising Agent');
    deployment.clock.advance(1);
    await deployment.peer.post({ event: 'registration.created', id });
    await page.clock.runFor(6000);
    await page.getByRole('status').getByText('Something changed.').waitFor();
    expect(await waiting('Surprising').count()).toBe(0);
    await page.getByRole('link', { name: 'Show it' }).click();
    await waiting('Surprising').waitFor();
    expect(errors).toEqual([]);
  });

  test('a hostile name runs nothing and is shown as it is', async () => {
    const name = '<img src=x onerror=alert(1)><script>alert(1)</script>';
    await deployment.peer.enrol(name);
    await signIn();
    expect(await waiting('onerror').locator('blockquote bdi').textContent()).toBe(name);
    expect(await page.locator('img').count()).toBe(0);
    await screenshot('hostile');
    expect(errors).toEqual([]);
  });

  test('shortens identifiers, and copies all of them', async () => {
    const { stable_jkt: thumbprint } = await deployment.peer.enrol('Thumbprint Agent');
    await signIn();
    const code = waiting('Thumbprint').locator('dd code.identifier').first();
    const narrow = (await code.boundingBox())?.width ?? 0;
    const copied = await page.evaluate<string>(
      `getSelection().selectAllChildren(document.querySelector('dd code.identifier')), getSelection().toString()`,
    );
    expect(copied).toBe(thumbprint.split(':').at(-1));
    await code.focus();
    expect((await code.boundingBox())?.width).toBeGreaterThan(narrow * 1.5);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 320],
    ['dark', 375],
  ] as const)('reads well in %s at a width of %i', async (colorScheme, width) => {
    const { id } = await deployment.peer.enrol('An Agent With a Name That Goes on for Quite a While');
    await deployment.asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
    await deployment.peer.enrol(`Averylongnamewithoutanyspaceinit${'x'.repeat(220)}`);
    await open({ colorScheme, viewport: { width, height: 800 } });
    await signIn();
    await screenshot(`overview-${colorScheme}-${width}`);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await page.evaluate<number>(worstContrast)).toBeGreaterThanOrEqual(4.5);
    deployment.peer.registrations.length = 0;
    deployment.peer.bindings.length = 0;
  });

  test('remembers the colours that the person chose', async () => {
    await open({ colorScheme: 'light' });
    await signIn();
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Switch to dark colours' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background()).toBe(dark);
  });

  test('says what is wrong when the Agent Provider does not answer, and that there is nothing when there is nothing', async () => {
    deployment.peer.registrations.length = 0;
    deployment.peer.bindings.length = 0;
    await signIn();
    await page.getByText('No agent waits for you.').waitFor();
    await page.getByText('No agent acts for you.').waitFor();
    await screenshot('empty');
    await deployment.peer.goAway();
    await page.reload();
    await page.getByRole('alert').getByText('is not answering').waitFor();
    await screenshot('unavailable');
    await deployment.peer.comeBack();
  });
});
