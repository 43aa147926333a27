import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { binding, registration, token } from './support/person-server/records.ts';
import { createState } from './support/person-server/state.ts';
import { expectAccessible, keepPicture, type Portal, startPortal } from './support/portal.ts';

describe.skipIf(!chromiumIsInstalled)('agents', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    Object.assign(portal.server.state, createState());
    await portal.open();
  });
  afterEach(async () => {
    expect(portal.complaints.splice(0)).toEqual([]);
    await portal.page.context().close();
  });
  afterAll(() => portal.close());

  const line = (name: string) => portal.page.getByRole('listitem', { name });
  const press = async (name: string) => portal.page.getByRole('button', { name }).first().click();

  test('that wait are approved and denied, and the line stays where it is until the pointer leaves', async () => {
    portal.server.state.registrations.push(registration(), registration({ agent_name: 'Unknown Agent' }));
    const page = await portal.visit();
    await press('Approve Supply Chain Optimizer Agent');
    await line('Supply Chain Optimizer Agent').getByText('Approved', { exact: true }).waitFor();
    await page.getByRole('status').getByText('Approved Supply Chain Optimizer Agent.').waitFor();
    const waiting = page.getByRole('list', { name: 'Agents that wait for you' });
    expect(await waiting.getByRole('listitem').count()).toBe(2);
    await page.mouse.move(5, 5);
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(1);
    await page.getByRole('list', { name: 'Active agents' }).getByText('Supply Chain Optimizer Agent').waitFor();
    await press('Deny Unknown Agent');
    await page.mouse.move(5, 5);
    await page.getByText('No agent waits for you').waitFor();
    expect(portal.server.state.bindings).toHaveLength(1);
  });

  test('are revoked after the person was told what happens, and not before', async () => {
    portal.server.state.bindings.push(binding('Backend App', { live_tokens: 3 }));
    const page = await portal.visit();
    await press('Revoke Backend App');
    await page
      .getByRole('dialog', { name: 'Revoke Backend App?' })
      .getByText('its 3 live tokens stop working')
      .waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'revoke');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate<string>('document.activeElement.getAttribute("aria-label")')).toBe('Revoke Backend App');
    expect(portal.server.state.bindings[0]?.revoked).toBe(false);
    await press('Revoke Backend App');
    await press('Revoke this agent');
    await page.getByText('No agent acts for you').waitFor();
    await page.getByText('1 revoked agent').click();
    await line('Backend App').getByText('Revoked', { exact: true }).waitFor();
  });

  test('are found with a keyboard alone, from the first page to the decision', async () => {
    portal.server.state.registrations.push(registration());
    const page = await portal.visit();
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor();
    await page.evaluate('document.activeElement.blur()');
    const reached: string[] = [];
    const name = `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`;
    for (let presses = 0; presses < 25 && !reached.at(-1)?.startsWith('Approve'); presses++) {
      await page.keyboard.press('Tab');
      reached.push((await page.evaluate<string>(name)).trim());
    }
    expect(reached[0]).toBe('Skip to the content');
    expect(reached).toContain('Supply Chain Optimizer Agent');
    await page.keyboard.press('Enter');
    await line('Supply Chain Optimizer Agent').getByText('Approved', { exact: true }).waitFor();
    // The focus is still there: nothing was moved under it.
    expect(await page.evaluate<string>(name)).toBe('Approve Supply Chain Optimizer Agent');
  });

  test('show their details beside the list, at an address of their own, and close with Escape', async () => {
    portal.server.state.bindings.push(binding('Backend App', { live_tokens: 1 }));
    const [agent] = portal.server.state.bindings;
    if (agent) portal.server.state.tokens.push(token(agent));
    const page = await portal.visit();
    await page.getByRole('button', { name: 'Backend App', exact: true }).click();
    const details = page.getByRole('region', { name: 'Backend App' });
    await details.getByText('Demo Agent Provider').waitFor();
    expect(page.url()).toContain('open=aauth');
    await page.reload();
    await details.waitFor();
    await details.getByRole('link', { name: '1 token' }).click();
    await page.getByText('Of one agent only: Backend App.').waitFor();
    await page.goBack();
    await details.waitFor();
    await page.getByRole('button', { name: 'Backend App', exact: true }).click();
    await details.focus();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  test('a hostile name runs nothing, is shown as it is, and hides nothing', async () => {
    const hostile = '<img src=x onerror=alert(1)>\u202eAgent';
    portal.server.state.registrations.push(registration({ agent_name: hostile }));
    const page = await portal.visit();
    await page.getByText('<img src=x onerror=alert(1)>\ufffdAgent').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });

  test('of another provider may ask once the person trusts it, and no more when it is removed', async () => {
    const page = await portal.visit();
    await press('Add a provider');
    await expectAccessible(page);
    await page.getByLabel('Identifier').fill('agents.example');
    await press('Add this provider');
    await page.getByRole('dialog').getByText('is not a server identifier').waitFor();
    await page.getByLabel('Identifier').fill('https://agents.example');
    await press('Add this provider');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'agents.example', exact: true }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByText('next request of every agent').waitFor();
    await press('Remove this provider');
    await line('agents.example').waitFor({ state: 'detached' });
    expect(portal.server.state.providers).toHaveLength(1);
  });

  test('cannot be listed while their provider is away: it says so, and tries again when asked', async () => {
    portal.server.state.bindings.push(binding('Backend App'));
    portal.server.fail('/person/bindings');
    const page = await portal.visit();
    await page.getByRole('alert').getByText('is not answering').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'agents-unavailable');
    portal.server.fail();
    await press('Try again');
    await line('Backend App').waitFor();
  });
});
