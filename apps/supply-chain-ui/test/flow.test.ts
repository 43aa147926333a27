import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Flow } from '../src/flow/model/flow.ts';
import { createState, run } from './support/backend/state.ts';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, expectAccessible, keepPicture, startDemo } from './support/demo.ts';
import { recordedFlow } from './support/recorded-flows.ts';

const consent = recordedFlow('user-consent');
const identity = recordedFlow('identity');
const mattering = consent.exchanges.filter(({ discovery, polling }) => !discovery && !polling);

describe.skipIf(!chromiumIsInstalled)('what happened on the wire', () => {
  let demo: Demo;
  let page: Page;
  beforeAll(async () => {
    demo = await startDemo();
  });
  beforeEach(() => {
    Object.assign(demo.backend.state, createState());
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(() => demo.close());

  /** Puts a run with its flow on record. */
  function know(flow: Flow, change: Parameters<typeof run>[0] = {}): string {
    const ended = run({ request_id: flow.request_id, status: 'completed', prompt: flow.prompt, ...change });
    demo.backend.state.runs.unshift(ended);
    demo.backend.state.flows.set(flow.request_id, flow);
    return `/runs/${flow.request_id}?tab=flow`;
  }

  async function open(path: string, options: Parameters<Demo['open']>[0] = {}): Promise<void> {
    page = await demo.open({ viewport: { width: 1440, height: 900 }, ...options });
    await demo.goto(path);
    await arrows().first().waitFor();
  }

  const arrows = (): Locator => page.getByRole('list', { name: /^Exchanges/ }).getByRole('button');
  const sheet = (): Locator => page.getByRole('region', { name: /→/ });
  const focused = () => page.evaluate<string>('document.activeElement.dataset.exchange');

  test('is drawn as arrows between the lanes of those who took part', async () => {
    await open(know(consent));
    expect(await arrows().count()).toBe(mattering.length);
    for (const lane of ['Person', 'Supply-chain UI', 'Backend', 'Resource proxy', 'Inventory (MCP)', 'Person Server']) {
      await page.getByText(lane, { exact: true }).first().waitFor();
    }
    expect(await arrows().nth(2).textContent()).toMatch(/401 wants an auth token.*require:user/);
    // An arrow goes from the middle of one lane to the middle of the other.
    const [first, last] = await page.evaluate<number[]>(`(() => {
      const arrow = document.querySelectorAll('[data-exchange]')[1].querySelector('[class*=arrow]').getBoundingClientRect();
      return [arrow.left, arrow.right];
    })()`);
    const middle = (name: string) =>
      page.evaluate<number>(`(() => {
        const head = [...document.querySelectorAll('[class*=head]')].find((one) => one.textContent === '${name}');
        const { left, right } = head.getBoundingClientRect();
        return (left + right) / 2;
      })()`);
    expect(Math.abs((first ?? 0) - (await middle('Backend')))).toBeLessThan(3);
    expect(Math.abs((last ?? 0) - (await middle('Person Server')))).toBeLessThan(3);
    await expectAccessible(page);
    await keepPicture(page, 'flow');
  });

  test('can be walked through by the keyboard, with the sheet beside it', async () => {
    await open(know(consent));
    await arrows().first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe(mattering[1]?.id);
    await page.keyboard.press('Enter');
    await sheet().getByText('got a person token for the Supply-chain agent').waitFor();
    await page.keyboard.press('ArrowDown');
    await sheet().getByText('this call takes an auth token').waitFor();
    expect(new URL(page.url()).searchParams.get('row')).toBe(mattering[2]?.id);
    await page.keyboard.press('End');
    expect(await focused()).toBe(mattering.at(-1)?.id);
    await page.keyboard.press('Home');
    await page.keyboard.press('Escape');
    await sheet().waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('row')).toBeNull();
  });

  test('opens at the exchange that the address names, whatever is hidden', async () => {
    const key = consent.exchanges.find(({ discovery, url }) => discovery && url.includes('jwks'));
    await open(`${know(consent)}&row=${key?.id}`);
    await sheet().getByText('reads the keys of its issuer').waitFor();
    expect(await arrows().count()).toBeGreaterThan(mattering.length);
  });

  test('explains signature and tokens: what is covered, whose key, what each claim is for, how long it lives', async () => {
    const exchange = mattering.findLast(({ tokens }) => tokens.length === 5);
    await open(`${know(consent)}&row=${exchange?.id}`);
    await sheet().getByRole('tab', { name: 'Signature' }).click();
    await sheet().getByText('Verified by the Person Server').waitFor();
    await sheet().getByText('the body, through its hash').waitFor();
    expect(await sheet().locator('pre').textContent()).toContain(
      '"@method": POST\n"@authority": person-server.localhost:8765',
    );
    await expectAccessible(page);
    await keepPicture(page, 'flow-signature');
    await sheet().getByRole('tab', { name: 'Tokens (5)' }).click();
    await sheet()
      .getByText('Another resource gets another identifier')
      .or(sheet().getByText('as this resource alone knows them'))
      .first()
      .waitFor();
    await sheet().getByText('in the body, as upstream_token').waitFor();
    await sheet()
      .getByText(/^The key of the (Market-analysis|Supply-chain) agent: it signed with it/)
      .first()
      .waitFor();
    await sheet()
      .getByText(/left here$/)
      .first()
      .waitFor();
    const link = sheet()
      .getByRole('link', { name: /Resource Token Structure/ })
      .first();
    expect(await link.getAttribute('href')).toMatch(
      /draft-hardt-oauth-aauth-protocol-11\.html#resource-token-structure$/,
    );
    await sheet()
      .getByRole('button', { name: /presented$/ })
      .first()
      .click();
    await sheet().waitFor();
    expect(new URL(page.url()).searchParams.get('row')).not.toBe(exchange?.id);
    await expectAccessible(page);
    await keepPicture(page, 'flow-token');
    expect(await page.content()).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
  });

  test('hides discovery and polling until asked, and each meaning when asked', async () => {
    await open(know(consent));
    const toggle = (name: RegExp) => page.getByRole('button', { name, pressed: undefined }).first();
    await toggle(/^Discovery/).click();
    await expect
      .poll(() => arrows().count())
      .toBe(mattering.length + consent.exchanges.filter(({ discovery }) => discovery).length);
    await toggle(/^Discovery/).click();
    await toggle(/^Exchange/).click();
    await expect.poll(() => arrows().filter({ hasText: 'issues' }).count()).toBe(0);
    for (const name of [/^Challenge/, /^Consent/, /^Access/, /^Other/]) await toggle(name).click();
    await page.getByText('Everything is hidden').waitFor();
    await expectAccessible(page);
  });

  test('of a failed run opens at the exchange that it failed at', async () => {
    const failure = mattering[5];
    const failed: Flow = {
      ...consent,
      status: 'failed',
      failed_at: failure?.id ?? null,
      exchanges: consent.exchanges.map((exchange) =>
        exchange === failure
          ? {
              ...exchange,
              status: 403,
              meaning: 'refusal',
              tokens: [],
              problem: { code: 'denied', detail: 'The person said no.' },
            }
          : exchange,
      ),
    };
    await open(know(failed, { status: 'failed', error: 'The person said no.', error_code: 'denied' }));
    await sheet()
      .getByText(/refused the request of the Backend with 403 \(denied\)\. The person said no\./)
      .waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'flow-failed');
    await page.getByRole('button', { name: 'Close the details' }).click();
    await sheet().waitFor({ state: 'detached' });
  });

  test('grows while the run goes on, and shows what is waited for', async () => {
    const asked = mattering.findIndex(({ requirement }) => requirement?.name === 'interaction');
    const last = mattering[asked];
    const going: Flow = {
      ...consent,
      status: 'running',
      ended_at: null,
      exchanges: [
        ...mattering.slice(0, asked + 1),
        ...(last
          ? [{ ...last, id: 'open', meaning: 'identity' as const, status: null, ended_at: null, requirement: null }]
          : []),
      ],
    };
    await open(know(going, { status: 'running' }));
    await expect.poll(() => arrows().count()).toBe(asked + 2);
    expect(await arrows().last().textContent()).toContain('is waiting for the answer');
    await page.getByText('Now, waiting for the person').waitFor();
    await expectAccessible(page);
  });

  test.each([
    ['light', 390],
    ['dark', 320],
    ['dark', 1440],
    ['light', 2560],
  ] as const)('is readable in %s, %i wide', async (colorScheme, width) => {
    await open(know(consent), { colorScheme, viewport: { width, height: 844 } });
    await expectAccessible(page);
    await keepPicture(page, `flow-${colorScheme}-${width}`);
    await arrows().nth(3).click();
    await sheet().getByText('has to ask the person').waitFor();
    await expectAccessible(page);
    await keepPicture(page, `flow-sheet-${colorScheme}-${width}`);
    await sheet().getByRole('button', { name: 'Next exchange' }).click();
    await sheet().getByText('The person approved').waitFor();
  });

  test('is drawn at once, also with hundreds of exchanges', async () => {
    const many = Array.from({ length: 6 }, (_, round) =>
      mattering.map((exchange) => ({ ...exchange, id: `${exchange.id}-${round}`, parent: null })),
    ).flat();
    await open(know({ ...consent, exchanges: many }));
    expect(await arrows().count()).toBe(many.length);
    const ms = await page.evaluate<number>(`(async () => {
      const buttons = document.querySelectorAll('[data-exchange]');
      const started = performance.now();
      for (const at of [5, 50, 100]) {
        buttons[at].click();
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      }
      return performance.now() - started;
    })()`);
    expect(ms).toBeLessThan(10_000);
  });

  test('leads from the strip beside a run to its place in the drawing', async () => {
    know(consent);
    page = await demo.open();
    await demo.goto(`/runs/${consent.request_id}`);
    await page
      .getByRole('link', { name: /^3 Backend to Resource proxy: 401 wants an auth token \(Challenge\)/ })
      .click();
    await sheet().getByText('this call takes an auth token').waitFor();
  });

  test('is what “How it works” tells with, and says how to have a run of what is missing', async () => {
    page = await demo.open();
    await demo.goto('/how-it-works');
    for (const title of ['Identity', 'Access for a person', 'Access that the person grants']) {
      await page.getByText(`You have no run of “${title}” yet`).waitFor();
    }
    await expectAccessible(page);
    know(consent);
    know(identity);
    await page.reload();
    const grants = page.getByRole('region', { name: /Access that the person grants/ });
    await grants.getByText(/^The person approved/).waitFor();
    await page.getByText('You have no run of “Access for a person” yet').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'how-it-works');
    await grants.getByRole('link', { name: /^5/ }).last().click();
    await sheet()
      .getByText(/^The person approved/)
      .waitFor();
  });
});
