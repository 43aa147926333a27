import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { root, runScript } from '../support/commands.ts';
import { newDataDirectory } from '../support/data-directory.ts';
import { takeBackEverything } from '../support/person.ts';
import { startAgain } from '../support/restart.ts';

const ui = 'http://localhost:3050';
/** For stopping one stack and starting another, on a slow machine. */
const restartMs = 300_000;
const scope = 'supply-chain:forecast';
const description = 'Forecast what will be needed';

let browser: Browser;
let page: Page;
let directory: string;
let complaints: string[];

/** A stack that knows nothing yet, whose supply-chain agent asks for one scope more. */
beforeAll(async () => {
  directory = newDataDirectory('flow');
  const original = readFileSync(join(root, 'infra', 'gateway', 'aauth-config-user-consent.yaml'), 'utf8');
  const config = join(directory, 'aauth-config.yaml');
  writeFileSync(config, withScope(original));
  await runScript('stop-infra.sh', [], inject('stackEnvironment'));
  await startAgain({ AAUTH_DATA_DIR: directory, AAUTH_CONFIG: config });
  browser = await launchChromium();
  page = await newVisitor(browser);
  await page.setViewportSize({ width: 1440, height: 900 });
  complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
}, restartMs);

afterAll(async () => {
  expect(complaints).toEqual([]);
  await browser.close();
  await runScript('stop-infra.sh', [], { ...inject('stackEnvironment'), AAUTH_DATA_DIR: directory });
  rmSync(directory, { recursive: true, force: true });
  await startAgain();
}, restartMs);

function withScope(config: string): string {
  const changed = config
    .replace(/^( +)- supply-chain:check$/gm, `$1- supply-chain:check\n$1- ${scope}`)
    .replace(/^( +)supply-chain:check: .*$/m, (line, indent) => `${line}\n${indent}${scope}: ${description}`);
  expect(changed.split(scope)).toHaveLength(4);
  return changed;
}

/** Starts a run with one press, and looks at the wire while it goes on. */
async function startWatching(): Promise<void> {
  await page.goto(ui);
  await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
  await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
  await page.getByRole('tab', { name: 'On the wire' }).click();
}

async function openQuestion(isSignedIn: boolean): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Review and decide' }).click();
  const popup = await opened;
  if (!isSignedIn) await signIn(popup);
  await popup.getByRole('heading', { name: /^Backend App asks for access at Supply-chain agent/ }).waitFor();
  return popup;
}

async function press(popup: Page, name: string): Promise<void> {
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name }).click();
  await closed;
}

const arrows = (where: Page): Locator => where.getByRole('list', { name: /^Exchanges/ }).getByRole('button');
const arrow = (where: Page, words: RegExp): Locator => arrows(where).filter({ hasText: words });

async function saved(name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  const file = await download;
  const path = join(directory, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

describe('a scope that is new in the config', () => {
  it('is in the drawing while the run goes on, and on the consent screen', { timeout: 180_000 }, async () => {
    await startWatching();
    await arrow(page, /401 wants an auth token/)
      .first()
      .waitFor();
    expect(
      await arrow(page, /401 wants an auth token/)
        .first()
        .textContent(),
    ).toContain(scope);
    await arrow(page, /202 asks the person/).waitFor();
    expect(await arrow(page, /202 asks the person/).textContent()).toContain(scope);
    await page.getByText('Now, waiting for the person').waitFor();
    const popup = await openQuestion(false);
    await popup.getByText(description).waitFor();
    await press(popup, 'Approve');
    await arrow(page, /approves/).waitFor();
    expect(await arrow(page, /approves/).textContent()).toContain(scope);
    await page.getByText('Completed', { exact: true }).first().waitFor();
  });

  it('is in the sheet: in the resource token, and in the auth token that was granted', async () => {
    await arrow(page, /401 wants an auth token/)
      .first()
      .click();
    const sheet = page.getByRole('region', { name: /Backend → Resource proxy/ });
    await sheet.getByText('this call takes an auth token').waitFor();
    await sheet.getByRole('tab', { name: 'Tokens (2)' }).click();
    await sheet.getByRole('heading', { name: /^Resource token/ }).waitFor();
    const claim = sheet.getByRole('row', { name: /^scope/ });
    expect(await claim.textContent()).toContain(scope);
    await sheet.getByText('The key of the Backend: it signed with it in this run.').first().waitFor();
    await sheet.getByRole('tab', { name: 'Signature' }).click();
    await sheet.getByText('Verified by the Resource proxy').waitFor();
    await sheet.getByText('"@authority": supply-chain-agent.localhost:3000').waitFor();
    await sheet.getByRole('button', { name: 'Close the details' }).click();
    await arrow(page, /issues an auth token.*forecast/s).click();
    await page.getByRole('tab', { name: /^Token/ }).click();
    const granted = page.getByRole('row', { name: /^scope/ }).filter({ hasText: scope });
    await granted.getByText('What was granted').waitFor();
    await page.keyboard.press('Escape');
  });

  it('is in what can be saved: the JSON, and the one HTML file that needs nothing else', async () => {
    const flow: { exchanges: { tokens: { claims: { scope?: string } }[] }[] } = JSON.parse(
      readFileSync(await saved('Save as JSON'), 'utf8'),
    );
    const scopes = flow.exchanges.flatMap(({ tokens }) => tokens.map(({ claims }) => claims.scope ?? ''));
    expect(scopes.some((granted) => granted.split(' ').includes(scope))).toBe(true);
    expect(JSON.stringify(flow)).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);

    const file = pathToFileURL(await saved('Save as HTML')).href;
    const context = await browser.newContext({ offline: true, viewport: { width: 1440, height: 900 } });
    const copy = await context.newPage();
    const requests: string[] = [];
    copy.on('request', (request) => requests.push(request.url()));
    copy.on('pageerror', ({ message }) => complaints.push(message));
    await copy.goto(file);
    await arrow(copy, /401 wants an auth token/)
      .first()
      .waitFor();
    expect(await arrows(copy).allTextContents()).toEqual(await arrows(page).allTextContents());
    await arrow(copy, /401 wants an auth token/)
      .first()
      .click();
    await copy.getByRole('tab', { name: 'Tokens (2)' }).click();
    await copy
      .getByRole('row', { name: /^scope/ })
      .filter({ hasText: scope })
      .waitFor();
    expect(requests.filter((url) => url !== file)).toEqual([]);
    await context.close();
  });

  it('is in the walk through the modes, with this very run', async () => {
    await page.getByRole('link', { name: 'How it works' }).click();
    const mode = page.getByRole('region', { name: /Access that the person grants/ });
    await mode.getByText(/^The person approved .*supply-chain:forecast/).waitFor();
    await page.getByText('You have no run of “Identity” yet').waitFor();
    await mode.getByText('Your decision: the one arrow that no agent can draw').waitFor();
    await mode.getByRole('link', { name: 'Exchange 5 in the drawing' }).click();
    await page.getByRole('region', { name: /^5 Person → Person Server|^5 Backend/ }).waitFor();
  });
});

describe('a run that the person denies', () => {
  it('shows the exchange that it failed at', { timeout: 180_000 }, async () => {
    await takeBackEverything();
    await startWatching();
    await press(await openQuestion(true), 'Deny');
    await page.getByText('You said no').waitFor();
    const sheet = page.getByRole('region', { name: /Backend → Person Server/ });
    await sheet.getByText(/^The Person Server refused the request of the Backend with 403 \(denied\)/).waitFor();
    expect(await arrow(page, /403 denied/).getAttribute('aria-pressed')).toBe('true');
  });
});
