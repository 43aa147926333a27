import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createState, run } from './support/backend/state.ts';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, expectAccessible, keepPicture, startDemo } from './support/demo.ts';
import { idTokenSeconds, startProvider, type TestProvider } from './support/openid-provider.ts';

describe.skipIf(!chromiumIsInstalled)('signing in', () => {
  let demo: Demo;
  let provider: TestProvider;
  beforeAll(async () => {
    provider = await startProvider();
    const oidc = {
      issuer: provider.issuer,
      client_id: 'supply-chain-ui',
      scope: 'openid profile email',
      resource: null,
    };
    demo = await startDemo({ oidc });
    provider.admit(demo.origin);
  });
  beforeEach(async () => {
    Object.assign(demo.backend.state, createState(), { onlySignedIn: true });
    await demo.open();
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(async () => {
    await demo.close();
    await provider.stop();
  });

  const signIn = async (page: Page) => {
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=login]').fill('mcp-user');
    await page.locator('input[name=password]').fill('anything');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('mcp-user of Acme').waitFor();
  };

  test('comes first, brings the person back to where they were, and lasts over a reload', async () => {
    const mine = run({ prompt: 'Mine alone' });
    demo.backend.state.runs.push(mine);
    const page = await demo.goto(`/runs/${mine.request_id}`);
    await page.getByRole('heading', { name: 'Sign in to run the demo' }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'sign-in');
    await signIn(page);
    await page.getByRole('heading', { name: 'Mine alone' }).waitFor();
    expect(page.url()).toBe(`${demo.origin}/runs/${mine.request_id}`);
    await expectAccessible(page);
    await keepPicture(page, 'signed-in');
    await page.setViewportSize({ width: 320, height: 700 });
    await expectAccessible(page);
    await keepPicture(page, 'signed-in-320');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.reload();
    await page.getByRole('heading', { name: 'Mine alone' }).waitFor();
    await page.getByText('mcp-user of Acme').waitFor();
    const claims = demo.backend.state.tokens.map((token) => JSON.parse(atob(token.split('.')[1] ?? '')));
    expect(claims.at(-1)).toMatchObject({ iss: provider.issuer, aud: 'supply-chain-ui', sub: 'mcp-user' });
  });

  test('ends here and at the provider, when the person says so', async () => {
    const page = await demo.goto('/');
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: /Yes, sign me out/ }).click();
    await page.getByRole('heading', { name: 'Sign in to run the demo' }).waitFor();
    expect(page.url()).toMatch(new RegExp(`^${demo.origin}/`));
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=login]').waitFor();
  });

  test('that the person breaks off says so', async () => {
    const page = await demo.goto('/');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: /Cancel/ }).click();
    await page.getByText('You did not sign in.').waitFor();
    await page.getByRole('link', { name: 'Back to the start' }).click();
    await page.getByRole('heading', { name: 'Sign in to run the demo' }).waitFor();
  });

  test.each(['/signed-in', '/signed-in?code=stolen&state=made-up'])(
    'takes up no answer to a question that it did not ask: %s',
    async (path) => {
      const page = await demo.goto(path);
      await page.getByText('No sign-in has begun in this tab.').waitFor();
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
    },
  );

  test('that the backend no longer takes is said, with what was there still there', async () => {
    demo.backend.state.runs.push(run({ prompt: 'Still there' }));
    const page = await demo.goto('/');
    await signIn(page);
    await page.getByText('Still there').waitFor();
    demo.backend.state.refusesTokens = true;
    await page.getByText('Your sign-in has ended.').waitFor();
    await page.getByText('Still there').waitFor();
    await expectAccessible(page);
    demo.backend.state.refusesTokens = false;
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('mcp-user of Acme').waitFor();
    await page.getByText('Your sign-in has ended.').waitFor({ state: 'detached' });
  });

  test('ends by itself, which is said at once', async () => {
    await demo.page.clock.install();
    const page = await demo.goto('/');
    await signIn(page);
    await page.clock.fastForward(idTokenSeconds * 1000);
    await page.getByText('Your sign-in has ended.').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('goes on without the person where the provider lets it', async () => {
    provider.letRenew(true);
    await demo.page.clock.install();
    const page = await demo.goto('/');
    await signIn(page);
    const before = demo.backend.state.tokens.at(-1);
    await page.clock.fastForward((idTokenSeconds - 29) * 1000);
    await expect.poll(() => demo.backend.state.tokens.at(-1), { timeout: 120_000 }).not.toBe(before);
    await page.getByText('mcp-user of Acme').waitFor();
    expect(await page.getByText('Your sign-in has ended.').count()).toBe(0);
    provider.letRenew(false);
  });

  test('cannot be done while the provider is away, which is said', async () => {
    await provider.goAway();
    const page = await demo.goto('/');
    const button = page.getByRole('main').getByRole('button', { name: 'Sign in' });
    await button.click();
    await page.getByText(`The sign-in server at ${new URL(provider.issuer).host} does not answer.`).waitFor();
    await provider.comeBack();
    await button.click();
    await page.locator('input[name=login]').waitFor();
  });
});
