import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { chromiumIsInstalled } from '../../test/chromium.ts';
import { askForAuthToken, poll, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import {
  expectAccessible,
  expectToFit,
  type PortalBrowser,
  signInWith,
  startPortalBrowser,
} from '../../test/portal-browser.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';

const title = chromiumIsInstalled
  ? 'the portal in Chromium'
  : 'the portal in Chromium: skipped, Chromium is not installed';
const pages = ['agents', 'requests', 'consents', 'tokens', 'activity', 'settings', 'server'];

describe.skipIf(!chromiumIsInstalled)(title, () => {
  let browser: PortalBrowser;
  let deployment: Deployment;
  let resource: ResourcePeer;

  beforeAll(async () => {
    browser = await startPortalBrowser(() => deployment);
  });
  beforeEach(async () => {
    deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
    resource = await startResourcePeer(deployment.clock);
    resource.metadata.name = 'Demo Warehouse';
  });
  afterEach(async () => {
    await browser.closeWindows();
    await resource.stop();
    await deployment.stop();
    expect(browser.complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  /** Tokens of an agent that has been at the resource. */
  async function shop(agent: TestAgent) {
    const presented = await personToken(deployment, agent, resource, { justification: 'To order what runs out' });
    return { presented, granted: await authToken(deployment, agent, resource, presented) };
  }

  test('at 127.0.0.1 it leads to its own address, takes the portal token alone, and lets go of the person', async () => {
    const page = await browser.open();
    await page.goto(`http://127.0.0.1:${deployment.port}/ui/tokens`);
    expect(page.url()).toBe(`${deployment.origin}/ui/tokens`);
    await signInWith(page, 'wrong');
    await page.getByRole('alert').getByText('This is not the portal token').waitFor();
    await signInWith(page);
    await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Portal token').waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  test('approves, denies and revokes agents; what happens elsewhere appears without a reload', async () => {
    const page = await browser.openSignedIn();
    await page.getByText('No agent waits for you').waitFor();
    for (const name of ['Supply Chain Agent', 'Unknown Agent']) {
      const { id } = await deployment.peer.enrol(name);
      deployment.clock.advance(1);
      // The page listens to the one replica, the provider tells the other.
      deployment.useReplica(1);
      expect((await deployment.peer.post({ event: 'registration.created', id })).status).toBe(204);
      deployment.useReplica(0);
      await page.getByRole('button', { name: `Approve ${name}` }).waitFor();
    }
    await page.getByRole('button', { name: 'Approve Supply Chain Agent' }).click();
    await page.getByRole('button', { name: 'Deny Unknown Agent' }).click();
    await page.mouse.move(5, 5);
    await page.getByText('No agent waits for you').waitFor();
    expect(deployment.peer.registrations.map(({ status }) => status)).toEqual(['approved', 'denied']);

    const active = page.getByRole('list', { name: 'Active agents' });
    await active.getByText('Supply Chain Agent').waitFor();
    await page.getByRole('button', { name: 'Revoke Supply Chain Agent' }).click();
    await page.getByRole('button', { name: 'Revoke this agent' }).click();
    await page.getByText('No agent acts for you').waitFor();
    expect(deployment.peer.bindings[0]?.revoked).toBe(true);
  });

  test('shows tokens as they are issued, by which name and where, and takes one back', async () => {
    const agent = await approvedAgent(deployment, 'Shopping Agent');
    const page = await browser.openSignedIn('/ui/tokens');
    await page.getByText('No token is in use').waitFor();
    const { granted } = await shop(agent);
    await page.getByRole('button', { name: 'Shopping Agent at Demo Warehouse' }).first().waitFor();
    await page.getByRole('button', { name: 'Revoke the auth token of Shopping Agent for Demo Warehouse' }).click();
    await page.getByRole('button', { name: 'Revoke this token' }).click();
    const lines = page.locator('main').getByRole('listitem');
    await expect.poll(() => lines.count()).toBe(1);
    expect(resource.revoked.map(({ jti }) => jti)).toEqual([jtiOf(granted)]);

    await page.getByRole('link', { name: /^Activity/ }).click();
    await page.getByText('The auth token of Shopping Agent at Demo Warehouse was revoked').waitFor();
    await page.getByLabel('Search').fill('shopping warehouse revoked-by-nobody');
    await page.getByText('Nothing fits this search').waitFor();
    await page.getByLabel('Search').fill('SHOPPING warehouse');
    await page.getByText('Shopping Agent got an auth token at Demo Warehouse').waitFor();
    await page.getByRole('radio', { name: 'Account' }).check();
    await page.getByLabel('Search').fill('');
    await page.getByText('You signed in').first().waitFor();
  });

  test('asks for the person’s decision at the link that the agent shows, and lists what they agreed to', async () => {
    const agent = await approvedAgent(deployment, 'Ordering Agent');
    const asked = waiting(await askForAuthToken(deployment, agent, resource, { justification: 'To **order** paper' }));
    const list = await browser.openSignedIn('/ui/requests');
    await list.getByRole('button', { name: 'Ordering Agent', exact: true }).waitFor();

    const page = await browser.open({ viewport: { width: 320, height: 640 }, hasTouch: true, colorScheme: 'dark' });
    await page.goto(`${deployment.origin}/ui/consent?code=${asked.code.toLowerCase()}`);
    await page.getByRole('heading', { name: 'Sign in to decide' }).waitFor();
    await signInWith(page);
    await page.getByRole('heading', { name: /^Ordering Agent asks for access at Demo Warehouse/ }).waitFor();
    await page.getByText(asked.code).waitFor();
    await expectAccessible(page);
    deployment.useReplica(1);
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByRole('heading', { name: 'You approved' }).waitFor();
    expect(await poll(deployment, agent, asked)).toMatchObject({
      status: 200,
      body: { auth_token: expect.any(String) },
    });
    await list.getByText('No agent asks you anything').waitFor();
  });

  test('trusts and removes agent providers', async () => {
    const foreign = await startAgentProviderPeer(deployment.clock);
    const page = await browser.openSignedIn();
    await page.getByRole('button', { name: 'Add a provider' }).click();
    await page.getByRole('textbox', { name: 'Identifier' }).fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Add this provider' }).click();
    await page.getByRole('dialog').getByText('not a server identifier').waitFor();
    await page.getByRole('textbox', { name: 'Identifier' }).fill('http://nobody.localhost:1');
    await page.getByRole('button', { name: 'Add this provider' }).click();
    await page.getByRole('dialog').getByText('cannot be read').waitFor();
    await page.getByRole('textbox', { name: 'Identifier' }).fill(foreign.issuer);
    await page.getByRole('button', { name: 'Add this provider' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const line = page.getByRole('listitem').filter({ hasText: new URL(foreign.issuer).host });
    await line.getByRole('button').first().click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Remove this provider' }).click();
    await line.waitFor({ state: 'detached' });
    await foreign.stop();
  });

  test('keeps settings in the server, ends sessions everywhere, and says so on the other pages at once', async () => {
    const other = await browser.openSignedIn('/ui/settings');
    const page = await browser.openSignedIn('/ui/settings');
    await page.getByRole('radio', { name: 'Ask every time' }).check();
    await expect.poll(() => other.getByRole('radio', { name: 'Ask every time' }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Do not ask' }).check();
    await expect.poll(() => other.getByRole('radio', { name: 'Do not ask' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
    await other.getByLabel('Portal token').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'End all others' }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Portal token').count()).toBe(0);
  });

  test('goes on after the server was started anew', async () => {
    const page = await browser.openSignedIn();
    await page.getByRole('heading', { name: 'Active agents' }).waitFor();
    await deployment.restart();
    const { id } = await deployment.peer.enrol('Patient Agent');
    await deployment.peer.post({ event: 'registration.created', id });
    await page.getByRole('button', { name: 'Approve Patient Agent' }).waitFor();
  });

  test('works in more tabs than a browser opens connections', async () => {
    const first = await browser.openSignedIn();
    const tabs = [first];
    for (let tab = 1; tab < 8; tab += 1) {
      const page = await first.context().newPage();
      await page.goto(`${deployment.origin}/ui/agents`);
      tabs.push(page);
    }
    for (const tab of tabs) await tab.getByText('No agent waits for you').waitFor();
    const { id } = await deployment.peer.enrol('Awaited Agent');
    await deployment.peer.post({ event: 'registration.created', id });
    for (const tab of tabs) await tab.getByRole('button', { name: 'Approve Awaited Agent' }).waitFor();
  });

  test('a hostile name, word and description run nothing', async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(1)</script>';
    resource.metadata.description = `**bold** ${hostile} [here](javascript:alert(1))`;
    resource.metadata.documentation_uri = 'javascript:alert(1)';
    const agent = await approvedAgent(deployment, hostile);
    await personToken(deployment, agent, resource, { justification: hostile });
    deployment.clock.advance(400);
    const page = await browser.openSignedIn();
    for (const path of ['/ui/agents', '/ui/tokens', '/ui/activity', '/ui/settings']) {
      await page.goto(deployment.origin + path);
      if (path !== '/ui/settings') await page.getByText(hostile).first().waitFor();
      else await page.getByRole('button', { name: 'Demo Warehouse' }).click();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    }
  });

  test('every page is accessible, and as wide as its window, with what really is on it', async () => {
    await shop(await approvedAgent(deployment, 'Shopping Agent'));
    const { id } = await deployment.peer.enrol('Waiting Agent');
    await deployment.peer.post({ event: 'registration.created', id });
    const page = await browser.openSignedIn('/ui', { colorScheme: 'dark', viewport: { width: 768, height: 800 } });
    for (const name of pages) {
      await page.goto(`${deployment.origin}/ui/${name}`);
      await page.locator('main h2, main [role=alert]').first().waitFor();
      await expectAccessible(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await expectToFit(page);
      await page.setViewportSize({ width: 768, height: 800 });
    }
    await page.goto(`${deployment.origin}/ui/nothing`);
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
  });

  test('says what is wrong when the Agent Provider does not answer, and recovers', async () => {
    await deployment.peer.goAway();
    const page = await browser.openSignedIn();
    await page.getByRole('alert').getByText('is not answering').first().waitFor();
    await deployment.peer.comeBack();
    const again = page.getByRole('button', { name: 'Try again' });
    const isBack = async () => {
      // It may be gone before it is pressed.
      if ((await again.count()) > 0)
        await again
          .first()
          .click({ timeout: 1000 })
          .catch(() => {});
      return page.getByRole('heading', { name: 'Active agents' }).isVisible();
    };
    await expect.poll(isBack).toBe(true);
  });
});
