import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { activity, binding, consent, consentRequest, registration, token } from './support/person-server/records.ts';
import { createState } from './support/person-server/state.ts';
import { expectAccessible, keepPicture, type Portal, startPortal } from './support/portal.ts';

describe.skipIf(!chromiumIsInstalled)('what changes on the server', () => {
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

  const lines = () => portal.page.locator('main').getByRole('listitem');
  const press = (name: string) => portal.page.getByRole('button', { name, exact: true }).click();

  test('appears without a reload, is counted and is announced, wherever the person is', async () => {
    const page = await portal.visit('/ui/activity');
    await page.getByText('Nothing has happened yet').waitFor();
    const agent = binding('Backend App');
    portal.server.change(['requests', 'activity'], (state) => {
      state.requests.push(consentRequest(agent));
      state.activity.push(activity('consent-asked', { agent_name: agent.agent_name }));
    });
    await page.getByText('Backend App asked you for access').waitFor();
    await page.getByRole('link', { name: 'Requests 1 waiting' }).waitFor();
    await page.getByRole('status').getByText('1 request waiting for you.').waitFor({ state: 'attached' });
  });

  test('never moves what the pointer is on', async () => {
    portal.server.state.registrations.push(registration({ agent_name: 'First Agent' }));
    const page = await portal.visit();
    const approve = page.getByRole('button', { name: 'Approve First Agent' });
    await approve.hover();
    const before = await approve.boundingBox();
    portal.server.change(['registrations'], (state) => {
      state.registrations.unshift(registration({ agent_name: 'Second Agent' }));
    });
    await page.getByRole('button', { name: 'Show 1 new agent' }).waitFor();
    expect(await approve.boundingBox()).toEqual(before);
    expect(await page.getByText('Second Agent').count()).toBe(0);
    await press('Show 1 new agent');
    await page.getByText('Second Agent').waitFor();
  });

  test('is decided on in the list too, with the whole question beside it', async () => {
    const agent = binding('Backend App');
    portal.server.state.bindings.push(agent);
    portal.server.state.requests.push(consentRequest(agent));
    const page = await portal.visit('/ui/requests');
    await press('Backend App');
    await page.getByRole('region', { name: 'Until when' }).waitFor();
    await press('Approve');
    await page.getByRole('heading', { name: 'Decided', exact: true }).waitFor();
    expect(portal.server.state.requests[0]?.status).toBe('approved');
    await page.goto(`${portal.server.origin}/ui/consents`);
    await page.getByText('Backend App at Supply-chain agent').waitFor();
  });

  test('comes by asking where no stream can be had', async () => {
    portal.server.withoutStreams(true);
    const page = await portal.visit();
    await page.getByText('No agent waits for you').waitFor();
    portal.server.change(['registrations'], (state) => state.registrations.push(registration()));
    await page.getByText('Supply Chain Optimizer Agent').waitFor();
    portal.server.withoutStreams(false);
  });

  test('is missed while the server is away: the page says so, keeps what it knows, and recovers', async () => {
    portal.server.state.bindings.push(binding('Backend App'));
    const page = await portal.visit();
    await page.getByText('Backend App').first().waitFor();
    await portal.server.goAway();
    await page.getByText('This page shows what it last knew').waitFor();
    await page.getByText('Backend App').first().waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'offline');
    await press('Revoke Backend App');
    await press('Revoke this agent');
    await page.getByRole('dialog').getByText('Start the stack with scripts/start-infra.sh').waitFor();
    portal.server.state.bindings.push(binding('Came Meanwhile'));
    await portal.server.comeBack();
    await page.getByText('Came Meanwhile').waitFor();
    await page.getByText('This page shows what it last knew').waitFor({ state: 'detached' });
  });

  test('consents are withdrawn and tokens revoked, after saying what that does', async () => {
    const agent = binding('Backend App', { live_tokens: 1 });
    Object.assign(portal.server.state, {
      bindings: [agent],
      consents: [consent(agent)],
      tokens: [token(agent), token(agent, { type: 'aa-person+jwt', scope: [], audience_name: null })],
    });
    const page = await portal.visit('/ui/tokens');
    await press('Revoke the auth token of Backend App for Supply-chain agent');
    await page.getByRole('dialog').getByText('is told at once and refuses it').waitFor();
    await press('Revoke this token');
    await expect.poll(() => lines().count()).toBe(1);
    await page.getByRole('radio', { name: 'All' }).check();
    await expect.poll(() => lines().count()).toBe(2);
    await page.goto(`${portal.server.origin}/ui/consents`);
    await press('Withdraw the consent for Backend App');
    await page.getByRole('dialog').getByText('has to ask you again').waitFor();
    await press('Withdraw this consent');
    await page.getByText('You have not agreed to anything yet').waitFor();
  });

  test('activity is searched, and narrowed to a kind', async () => {
    const at = { resource: 'http://supply-chain-agent.localhost:3000', resource_name: 'Supply-chain agent' };
    portal.server.state.activity.push(
      activity('token-issued', { agent_name: 'Backend App', token_type: 'aa-auth+jwt', ...at }),
      activity('token-issued', { agent_name: 'Another', token_type: 'aa-person+jwt', ...at }),
      activity('signed-in'),
    );
    const page = await portal.visit('/ui/activity');
    await expect.poll(() => lines().count()).toBe(3);
    await page.getByLabel('Search').fill('backend supply');
    await expect.poll(() => lines().count()).toBe(1);
    await page.getByLabel('Search').fill('nothing of the kind');
    await page.getByText('Nothing fits this search').waitFor();
    await page.getByLabel('Search').fill('');
    await page.getByRole('radio', { name: 'Account' }).check();
    await page.getByText('You signed in').waitFor();
    await expect.poll(() => lines().count()).toBe(1);
  });

  test('settings are saved by choosing', async () => {
    const page = await portal.visit('/ui/settings');
    await page.getByRole('radio', { name: 'Ask every time' }).check();
    await expect.poll(() => portal.server.state.settings.consent_policy).toBe('always');
    await page.getByLabel('Add a scope').fill('orders:write');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove orders:write' }).waitFor();
    await press('Remove require:user');
    await expect.poll(() => portal.server.state.settings.needs_person_scopes).toEqual(['orders:write']);
  });

  test('a setting that cannot be saved is as it was, and the page says so', async () => {
    const page = await portal.visit('/ui/settings');
    await page.getByRole('radio', { name: 'Ask every time' }).check();
    await expect.poll(() => portal.server.state.settings.consent_policy).toBe('always');
    await portal.server.goAway();
    await page.getByRole('radio', { name: 'Do not ask' }).click();
    await page.getByRole('alert').getByText('The setting was not saved').waitFor();
    expect(await page.getByRole('radio', { name: 'Ask every time' }).isChecked()).toBe(true);
    await portal.server.comeBack();
    await page.getByText('This page shows what it last knew').waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Do not ask' }).check();
    await expect.poll(() => portal.server.state.settings.consent_policy).toBe('standing');
  });
});
