import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { complete, createState, run } from './support/backend/state.ts';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, expectAccessible, keepPicture, startDemo } from './support/demo.ts';

const kilobyte = 1000;

describe.skipIf(!chromiumIsInstalled)('the pages', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(() => demo.close());

  test('say what there is to do, before anything has happened', async () => {
    Object.assign(demo.backend.state, createState());
    await demo.open();
    const page = await demo.goto('/');
    await page.getByText('What the agents do appears here.').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'start-empty');
    await demo.goto('/history');
    await page.getByText('There are no runs').waitFor();
    await expectAccessible(page);
  });

  test.each([
    ['light', 1280, undefined],
    ['dark', 768, ['color-contrast']],
    ['light', 320, ['target-size', 'scrollable-region-focusable']],
    ['dark', 2560, ['color-contrast']],
  ] as const)('are readable and usable in %s, %i wide', async (colorScheme, width, rules) => {
    Object.assign(demo.backend.state, createState());
    const going = run();
    const failed = run({ status: 'failed', error_code: 'denied', error: 'The person said no.' });
    demo.backend.state.runs.push(going, failed);
    const { request_id: id } = complete(demo.backend.state);
    const page = await demo.open({ colorScheme, viewport: { width, height: 800 }, hasTouch: width < 500 });
    const shown = [
      ['start', '/', 'Recent runs'],
      ['running', `/runs/${going.request_id}`, 'The supply-chain agent is working'],
      ['result', `/runs/${id}`, 'Reasoning'],
      ['reports', `/runs/${id}?tab=reports`, 'Show all of it'],
      ['failed', `/runs/${failed.request_id}`, 'You said no'],
      ['history', '/history', 'Clear those that have ended'],
      ['nothing', '/nothing', 'There is nothing at this address'],
    ] as const;
    for (const [name, path, words] of shown) {
      await demo.goto(path);
      await page.getByText(words).first().waitFor();
      await expectAccessible(page, rules);
      await keepPicture(page, `${name}-${colorScheme}-${width}`);
    }
  });

  test('load little at first', async () => {
    const page = await demo.open();
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => {
      if (!response.url().endsWith('.js')) return;
      sizes.push(
        response
          .request()
          .sizes()
          .then(({ responseBodySize }) => responseBodySize),
      );
    });
    await demo.goto('/');
    await page.waitForLoadState('networkidle').catch(() => undefined);
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(50 * kilobyte);
    expect(total).toBeLessThan(200 * kilobyte);
  });

  test('shift nothing while they load', async () => {
    Object.assign(demo.backend.state, createState());
    const { request_id: id } = complete(demo.backend.state);
    const page = await demo.open();
    await page.addInitScript(`window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });`);
    for (const [path, words] of [
      ['/', 'Recent runs'],
      ['/history', 'Clear those'],
      [`/runs/${id}`, 'Reasoning'],
    ] as const) {
      await demo.goto(path);
      await page.getByText(words).first().waitFor();
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      expect(await page.evaluate<number>('window.shifted'), path).toBeLessThan(0.05);
    }
  });

  test('move nothing for whoever wants no motion', async () => {
    Object.assign(demo.backend.state, createState());
    const going = run();
    demo.backend.state.runs.push(going);
    const page = await demo.open({ reducedMotion: 'reduce' });
    await demo.goto(`/runs/${going.request_id}`);
    await page.getByRole('progressbar').waitFor();
    expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
  });

  test('are used with the keyboard alone', async () => {
    Object.assign(demo.backend.state, createState());
    const { request_id: id } = complete(demo.backend.state);
    const page = await demo.open();
    await demo.goto('/');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByLabel('Your request').focus();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keyboard' }).waitFor();
    await demo.goto(`/runs/${id}`);
    await page.getByRole('tab', { name: 'Result' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('article', { name: 'Report of the Market Analysis Agent' }).waitFor();
  });

  test('say that the backend does not answer, keep what they know, and recover', async () => {
    Object.assign(demo.backend.state, createState());
    const going = run();
    demo.backend.state.runs.push(going);
    const page = await demo.open();
    await demo.goto(`/runs/${going.request_id}`);
    await page.getByText('The supply-chain agent is working').waitFor();
    await demo.backend.goAway();
    await page.getByText('This page shows what it last knew').waitFor();
    await page.getByText('The supply-chain agent is working').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'offline');
    demo.backend.change(going.request_id, { current_step: 'It came back' });
    await demo.backend.comeBack();
    await page.getByText('It came back').waitFor();
    await page.getByText('This page shows what it last knew').waitFor({ state: 'detached' });

    await demo.backend.goAway();
    await demo.goto('/');
    await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
    await page.getByRole('alert').getByText('scripts/start-infra.sh').waitFor();
    await demo.backend.comeBack();
  });

  test('say that an agent waits for approval, and where to give it', async () => {
    Object.assign(demo.backend.state, createState(), { notApproved: true });
    const page = await demo.open();
    await demo.goto('/');
    await page.getByRole('heading', { name: 'Backend App waits for your approval' }).waitFor();
    const portal = page.getByRole('link', { name: 'Open the portal' });
    expect(await portal.getAttribute('href')).toBe('http://person-server.localhost:8765/ui/agents');
    await expectAccessible(page);
    await keepPicture(page, 'approval');
    const waiting = run({ status: 'approval_pending', interaction_url: 'http://person-server.localhost:8765/ui' });
    demo.backend.state.runs.push(waiting);
    await demo.goto(`/runs/${waiting.request_id}`);
    await page.getByRole('link', { name: 'Open the portal' }).waitFor();
    demo.backend.state.notApproved = false;
    await demo.goto('/');
    await page.getByText('waits for your approval').waitFor({ state: 'detached' });
  });
});
