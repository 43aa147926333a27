import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { fillWithSample } from './support/person-server/sample.ts';
import { expectAccessible, keepPicture, type Portal, startPortal } from './support/portal.ts';

const pages = ['agents', 'requests', 'consents', 'tokens', 'activity', 'settings', 'server'];

test('the first load is less than 200 kB of compressed JavaScript, in files of its own', () => {
  const folder = inject('pages');
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]* src=)/);
  expect(html).not.toMatch(/<style| style=| on\w+=/);
  const scripts = readdirSync(join(folder, 'assets')).filter((file) => file.endsWith('.js'));
  const size = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, 'assets', file))).length, 0);
  expect(size).toBeLessThan(200_000);
});

describe.skipIf(!chromiumIsInstalled)('each page', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  afterEach(async () => {
    expect(portal.complaints.splice(0)).toEqual([]);
    await portal.page.context().close();
  });
  afterAll(() => portal.close());

  test('says what there is none of, before anything has happened', async () => {
    await portal.open();
    await portal.visit();
    for (const page of pages) {
      await portal.goto(`/ui/${page}`);
      await portal.page.locator('main h2').first().waitFor();
      await expectAccessible(portal.page);
      await keepPicture(portal.page, `${page}-empty`);
    }
    await portal.goto('/ui/requests');
    await portal.page.getByText('No agent asks you anything').waitFor();
  });

  test.each([
    ['light', 1280, undefined],
    ['dark', 768, ['color-contrast']],
    ['light', 320, ['target-size']],
  ] as const)('is readable and usable in %s, %i wide, with details open', async (colorScheme, width, rules) => {
    if (portal.server.state.bindings.length === 0) fillWithSample(portal.server.state);
    await portal.open({ colorScheme, viewport: { width, height: 800 }, hasTouch: width < 500 });
    const page = await portal.visit();
    for (const name of pages) {
      await portal.goto(`/ui/${name}`);
      await page.locator('main h2').first().waitFor();
      await keepPicture(page, `${name}-${colorScheme}-${width}`);
      const opener = page.locator('main li h3 button').first();
      if ((await opener.count()) > 0) {
        await opener.click();
        await page.getByRole('button', { name: width > 900 ? 'Close the details' : 'Back to the list' }).waitFor();
      }
      await expectAccessible(page, rules);
      await keepPicture(page, `${name}-details-${colorScheme}-${width}`);
    }
  });

  test('an address that leads nowhere says so', async () => {
    await portal.open();
    await portal.visit('/ui/nothing');
    await portal.page.getByRole('heading', { name: 'No such page' }).waitFor();
    await expectAccessible(portal.page);
  });

  test('the title names the page, and how many things wait', async () => {
    await portal.open();
    const page = await portal.visit();
    await page.getByRole('link', { name: /^Requests/ }).click();
    await expect.poll(() => page.title()).toBe('(2) Requests – Person Server');
  });

  test('moves nothing for whoever wants no motion', async () => {
    await portal.open({ reducedMotion: 'reduce' });
    const page = await portal.visit();
    await page.getByRole('heading', { name: 'Active agents' }).waitFor();
    expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
    const motion = `getComputedStyle(document.querySelector('main button')).transitionDuration`;
    expect(await page.evaluate<string>(motion)).toMatch(/^0s/);
  });

  test('keeps the colours that the person chose, from before the first paint on', async () => {
    await portal.open({ colorScheme: 'light' });
    const page = await portal.visit();
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: /^Colours/ }).click();
    await page.getByRole('button', { name: /^Colours/ }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.addInitScript(
      `addEventListener('DOMContentLoaded', () => { window.first = document.documentElement.dataset.theme; })`,
    );
    await page.reload();
    expect(await page.evaluate<string>('window.first')).toBe('dark');
    expect(await background()).toBe(dark);
  });
});
