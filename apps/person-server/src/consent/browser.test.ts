import { serve } from '@aauth-stack/service/http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { chromiumIsInstalled } from '../../test/chromium.ts';
import { askForAuthToken, atPending, poll, type Waiting, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type PortalBrowser, startPortalBrowser } from '../../test/portal-browser.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, claimsOf, type TestAgent } from '../../test/test-agent.ts';

const title = chromiumIsInstalled
  ? 'the consent page in Chromium'
  : 'the consent page in Chromium: skipped, Chromium is not installed';

describe.skipIf(!chromiumIsInstalled)(title, () => {
  let browser: PortalBrowser;
  let deployment: Deployment;
  let resource: ResourcePeer;
  let agent: TestAgent;
  let asked: Waiting;

  beforeAll(async () => {
    browser = await startPortalBrowser(() => deployment);
  });
  beforeEach(async () => {
    deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
    resource = await startResourcePeer(deployment.clock);
    agent = await approvedAgent(deployment, 'Ordering Agent');
    asked = waiting(await askForAuthToken(deployment, agent, resource));
  });
  afterEach(async () => {
    await browser.closeWindows();
    await resource.stop();
    await deployment.stop();
    expect(browser.complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  const openAsked = (callback = '') => browser.openSignedIn(`/ui/consent?code=${asked.code}${callback}`);
  const collected = () => poll(deployment, agent, asked);

  test('goes on after a reload in the middle, and after the server was started anew in the middle', async () => {
    const page = await openAsked();
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.reload();
    await page.getByRole('checkbox', { name: 'read' }).uncheck();
    await deployment.restart();
    deployment.useReplica(1);
    await page.getByRole('button', { name: 'Approve 1 of 2' }).click();
    await page.getByRole('heading', { name: 'You approved' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'This request has been decided already' }).waitFor();
    deployment.useReplica(0);
    const { status, body } = await collected();
    expect([status, claimsOf(String(body.auth_token)).scope]).toEqual([200, 'require:user']);
  });

  test('of two browsers the one that decides first counts, and the other is told', async () => {
    const first = await openAsked();
    const second = await browser.openSignedIn('/ui/requests');
    await second.getByRole('button', { name: 'Ordering Agent', exact: true }).click();
    await second.getByRole('button', { name: 'Approve' }).waitFor();
    // It cannot read again what it shows.
    await second.route(/\/ui\/(events|changes)$|\/person\/requests$/, (route) => route.abort());
    await first.getByRole('button', { name: 'Deny' }).click();
    await first.getByRole('heading', { name: 'You denied' }).waitFor();
    deployment.useReplica(1);
    await second.getByRole('button', { name: 'Approve' }).click();
    await second.getByText(/decided (somewhere else|elsewhere|already)/).waitFor();
    expect(await collected()).toMatchObject({ status: 403, body: { error: 'denied' } });
  });

  test('a second browser is led nowhere by a code that the first has opened', async () => {
    await (await openAsked()).getByRole('button', { name: 'Approve' }).waitFor();
    deployment.useReplica(1);
    const second = await openAsked();
    await second.getByRole('alert').getByText('This link does not lead to a request').waitFor();
    expect(await second.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('a code that is guessed ten times is worth nothing any more, and the agent is told', async () => {
    const page = await browser.openSignedIn('/ui/consent');
    for (let guess = 0; guess < 10; guess += 1) {
      await page.getByLabel('Code').fill(`0000-000${guess}`);
      await page.getByRole('button', { name: 'Show the request' }).click();
      await page.waitForURL(`**/ui/consent?code=0000-000${guess}`);
      await page.getByRole('alert').getByText('This link does not lead to a request').waitFor();
    }
    await page.goto(`${deployment.origin}/ui/consent?code=${asked.code}`);
    await page.getByRole('alert').getByText('This link does not lead to a request').waitFor();
    expect(await collected()).toMatchObject({ status: 410, body: { error: 'invalid_code' } });
  });

  test('says by itself that the agent took its request back', async () => {
    const page = await openAsked();
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    deployment.useReplica(1);
    expect((await atPending(deployment, agent, asked.path, { method: 'DELETE' })).status).toBe(204);
    await page.getByRole('heading', { name: 'The agent took its request back' }).waitFor();
  });

  test('asks the agent what the person wants to know, and shows the answer as the agent’s when it comes', async () => {
    const page = await openAsked();
    await page.getByRole('button', { name: 'Ask a question' }).click();
    await page.getByLabel('Your question to the agent').fill('What for?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect.poll(async () => (await collected()).body.clarification).toBe('What for?');
    const body = { action: 'clarification_response', clarification_response: 'For *winter*' };
    await atPending(deployment, agent, asked.path, { method: 'POST', body });
    await page.getByRole('figure', { name: 'The agent answers' }).getByText('winter').waitFor();
  });

  test('takes the person back where the agent’s provider says, with what they decided', async () => {
    Object.assign(deployment.peer.metadata, { callback_endpoint: `${resource.issuer}/back` });
    // Until then the metadata is cached.
    await deployment.restart();
    const page = await openAsked(`&callback=${encodeURIComponent(`${resource.issuer}/back?run=7`)}`);
    await page.route(`${resource.issuer}/**`, (route) => route.fulfill({ body: 'back' }));
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(`${resource.issuer}/back?run=7&error=access_denied`);
  });

  test('a link that leads back to anybody else shows nothing to decide on, and leads nowhere', async () => {
    const page = await openAsked('&callback=https%3A%2F%2Fevil.example%2F');
    await page.getByRole('alert').getByText('vouches for nothing at https://evil.example').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: /evil/ }).count()).toBe(0);
  });

  test('another site can neither show it in a frame nor decide in the person’s name', async () => {
    const page = await openAsked();
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    const decision = `${deployment.origin}/consent/${asked.id}/decision`;
    const trap = `<iframe src="${deployment.origin}/ui/consent?code=${asked.code}"></iframe>
      <form method="post" action="${decision}" enctype="text/plain"><input name='{"approved":true,"x":"' value='"}'></form>`;
    const { log } = deployment.log;
    const elsewhere = await serve({
      fetch: () => new Response(trap, { headers: { 'content-type': 'text/html' } }),
      hostname: '127.0.0.1',
      port: 0,
      log,
    });
    onTestFinished(() => elsewhere.close());
    await page.goto(`http://elsewhere.localhost:${elsewhere.port}/`);
    const [frame] = page.frames().slice(1);
    await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
    const sent = `fetch(${JSON.stringify(decision)}, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"approved":true}' })`;
    await page.evaluate(`${sent}.catch(() => {})`);
    const [answer] = await Promise.all([page.waitForResponse(decision), page.evaluate('document.forms[0].submit()')]);
    expect([401, 403]).toContain(answer.status());
    expect((await collected()).status).toBe(202);
    expect(browser.complaints.splice(0)).toEqual([expect.stringContaining('frame-ancestors')]);
  });
});
