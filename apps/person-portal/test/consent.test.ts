import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { binding, consentRequest } from './support/person-server/records.ts';
import { portalToken } from './support/person-server/session-routes.ts';
import { createState, inSeconds, type KeptRequest } from './support/person-server/state.ts';
import { expectAccessible, keepPicture, type Portal, startPortal } from './support/portal.ts';

describe.skipIf(!chromiumIsInstalled)('the consent screen', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    Object.assign(portal.server.state, createState());
    await portal.open({ viewport: { width: 320, height: 640 }, hasTouch: true });
  });
  afterEach(async () => {
    expect(portal.complaints.splice(0)).toEqual([]);
    await portal.page.context().close();
  });
  afterAll(() => portal.close());

  const path = '/ui/consent?code=k7pl3bq9';

  function ask(change: Partial<KeptRequest> = {}): KeptRequest {
    const agent = binding('Backend App');
    const request = consentRequest(agent, change);
    portal.server.state.bindings.push(agent);
    portal.server.state.requests.push(request);
    return request;
  }
  const press = (name: string) => portal.page.getByRole('button', { name, exact: true }).click();
  const heading = (name: string | RegExp) => portal.page.getByRole('heading', { name }).waitFor();

  test('asks for the sign-in first, then shows who, where, what, why and until when', async () => {
    ask({ login_hint: 'alice@example.com' });
    const { page } = portal;
    await page.goto(portal.server.origin + path);
    await heading('Sign in to decide');
    await expectAccessible(page);
    expect(await page.getByText('Backend App').count()).toBe(0);
    await page.getByLabel('Portal token').fill(portalToken);
    await press('Sign in');
    await heading('Backend App asks for access at Supply-chain agent, in your name');
    await page.getByText('K7PL-3BQ9').waitFor();
    for (const part of ['Who asks', 'Where', 'What', 'Why', 'Until when']) {
      await page.getByRole('region', { name: part }).waitFor();
    }
    expect(await page.getByRole('figure', { name: 'The agent says', exact: true }).textContent()).toContain(
      'read stock',
    );
    expect(await page.getByRole('figure', { name: 'The resource says' }).textContent()).toContain(
      'purchasing policies',
    );
    await page.getByRole('region', { name: 'Where' }).getByText('alice@example.com').waitFor();
    await page.getByText('an agent that was granted access').waitFor();
    await page.getByText('You are asked because one of these is yours alone to grant.').waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'consent');
  });

  test('asks to sign in once more where the agent wants that, and then goes on', async () => {
    const page = await portal.visit('/ui/consent');
    ask({ needsSessionSince: inSeconds(0) });
    await page.goto(portal.server.origin + path);
    await heading('Sign in once more to decide');
    await expectAccessible(page);
    await page.getByLabel('Portal token').fill(portalToken);
    await press('Sign in');
    await heading(/^Backend App asks/);
  });

  test('keeps the decision in reach at the bottom, before and after scrolling', async () => {
    ask();
    const page = await portal.visit(path);
    const approve = page.getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    const isInReach = async () => {
      const box = await approve.boundingBox();
      return box !== null && box.y > 320 && box.y + box.height <= 640 && box.height >= 44;
    };
    expect(await isInReach()).toBe(true);
    await page.mouse.wheel(0, 400);
    await expect.poll(isInReach).toBe(true);
  });

  test('is decided on with a keyboard alone, which reaches nothing that cannot be seen', async () => {
    const request = ask({ justification: 'To plan what is bought. '.repeat(40) });
    const page = await portal.visit(path);
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    const focused = `(() => {
      const { activeElement } = document;
      const { left, top, width, height } = activeElement.getBoundingClientRect();
      const seen = document.elementFromPoint(left + width / 2, top + height / 2);
      return { name: activeElement.textContent, isSeen: seen !== null && (seen.contains(activeElement) || activeElement.contains(seen)) };
    })()`;
    const reached: { name: string; isSeen: boolean }[] = [];
    for (let presses = 0; presses < 40 && !reached.at(-1)?.name.startsWith('Approve'); presses++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(focused));
    }
    expect(reached.filter(({ isSeen }) => !isSeen)).toEqual([]);
    expect(reached.map(({ name }) => name)).toEqual(expect.arrayContaining(['Ask a question', 'Deny', 'Approve']));
    await page.keyboard.press('Enter');
    await heading('You approved');
    expect(request.status).toBe('approved');
  });

  test('grants the scopes that are left ticked, remembers when told to, and goes back', async () => {
    const request = ask();
    const callback = `${portal.server.origin}/ui/nothing`;
    const page = await portal.visit(`${path}&callback=${encodeURIComponent(callback)}`);
    await page.getByRole('checkbox', { name: 'supply-chain:read' }).uncheck();
    await page.getByRole('checkbox', { name: 'Do not ask me again' }).check();
    await press('Approve 2 of 3');
    await page.waitForURL(callback);
    expect(request).toMatchObject({
      status: 'approved',
      granted_scopes: ['supply-chain:check', 'require:user'],
      remembered: true,
    });
  });

  test('cannot approve nothing', async () => {
    const request = ask();
    const page = await portal.visit(path);
    for (const scope of request.scopes) await page.getByRole('checkbox', { name: scope }).uncheck();
    expect(await page.getByRole('button', { name: 'Approve' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'Approve' }).click({ force: true });
    expect(request.status).toBe('interacting');
  });

  test('denies, and stays to say so where there is nowhere to go back to; a reload says the same', async () => {
    const request = ask();
    const page = await portal.visit(path);
    await press('Deny');
    await heading('You denied');
    await page.getByText('gets nothing at').waitFor();
    await expectAccessible(page);
    expect(request.status).toBe('denied');
    await page.reload();
    await heading('This request has been decided already');
  });

  test('goes back to no address but a web address', async () => {
    ask({ callback: 'javascript:alert(1)' });
    const page = await portal.visit(path);
    await press('Approve');
    await heading('You approved');
    expect(await page.getByRole('link', { name: /^Back to/ }).count()).toBe(0);
  });

  test('puts a question to the agent and shows its answer, as the agent’s, when it comes', async () => {
    const request = ask();
    const page = await portal.visit(path);
    await press('Ask a question');
    await page.getByLabel('Your question to the agent').fill('Why do you need the orders?');
    await press('Ask');
    await page.getByText('The agent has your question.').first().waitFor();
    await expectAccessible(page);
    expect(request.questions[0]?.question).toBe('Why do you need the orders?');
    portal.server.change(['requests'], () => {
      Object.assign(request.questions[0] ?? {}, {
        answer: 'To see what is **on its way**.',
        answered_at: inSeconds(0),
      });
      request.status = 'interacting';
    });
    const answer = page.getByRole('figure', { name: 'The agent answers' });
    await answer.getByText('on its way').waitFor();
    await press('Approve');
    await heading('You approved');
  });

  test('grants nothing that the agent adds to its request while the person reads, unless they tick it', async () => {
    const request = ask();
    const page = await portal.visit(path);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    portal.server.change(['requests'], () => {
      request.scopes = [...request.scopes, 'everything'];
      request.questions = [
        {
          question: 'Is that all?',
          asked_at: inSeconds(-2),
          answer: 'No.',
          answered_at: inSeconds(-1),
          updated_request: true,
        },
      ];
    });
    await page.getByText('It changed its request: read again what it asks for.').waitFor();
    expect(await page.getByRole('checkbox', { name: 'everything' }).isChecked()).toBe(false);
    await press(`Approve ${request.scopes.length - 1} of ${request.scopes.length}`);
    await heading('You approved');
    expect(request.granted_scopes).not.toContain('everything');
  });

  test('tells the second browser that the first has decided', async () => {
    const request = ask();
    const page = await portal.visit(path);
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    // The decision is made before the page hears of it.
    Object.assign(request, { status: 'denied', decided_at: inSeconds(0) });
    await press('Approve');
    await heading('This request has been decided already');
    expect(request.status).toBe('denied');
  });

  test.each([
    ['expired', 'This request has expired'],
    ['abandoned', 'This request has expired'],
    ['cancelled', 'The agent took its request back'],
    ['revoked', 'The agent was revoked'],
  ] as const)('says by itself when the request is %s', async (status, title) => {
    const request = ask();
    const page = await portal.visit(path);
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    portal.server.change(['requests'], () => Object.assign(request, { status, decided_at: inSeconds(0) }));
    await heading(title);
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('a code that is wrong, or was opened in another browser, leads nowhere', async () => {
    ask({ openedBy: 'another session' });
    const page = await portal.visit(path);
    await page.getByRole('alert').getByText('This link does not lead to a request').waitFor();
    await expectAccessible(page);
  });

  test('takes a code that is typed from another screen', async () => {
    ask();
    const page = await portal.visit('/ui/consent');
    await page.getByLabel('Code').fill('k7pl-3bq9');
    await press('Show the request');
    await heading(/^Backend App asks/);
  });

  test('sends the person to the resource first where the resource wants that', async () => {
    const url = 'http://supply-chain-agent.localhost:3000/connect?code=ABCD';
    ask({ interaction: { url, state: 'needed' } });
    const page = await portal.visit(path);
    const onward = page.getByRole('link', { name: 'Continue at supply-chain-agent.localhost:3000' });
    expect(await onward.getAttribute('href')).toBe(url);
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Deny' }).count()).toBe(1);
  });

  test('says what an agent that acts for another serves, and what a resource that does not answer cannot', async () => {
    const caller = { agent_id: 'aauth:backend@agents.example', agent_name: 'Backend App' };
    const agent = binding('Supply Chain Optimizer');
    const request = consentRequest(agent, { pending_kind: 'person-token', scopes: [], on_behalf_of: caller });
    Object.assign(request.resource, { name: null, description: null, metadata_read_at: null, scope_descriptions: {} });
    portal.server.state.requests.push(request);
    const page = await portal.visit(path);
    await heading('Supply Chain Optimizer asks to act for you at supply-chain-agent.localhost:3000');
    await page.getByText('which called it').waitFor();
    await page.getByText('The resource does not answer now').waitFor();
    await page.getByText('an identifier of yours that it alone knows you by').waitFor();
    await press('Approve');
    await heading('You approved');
    expect(request.granted_scopes).toEqual([]);
  });

  test('a hostile reason runs nothing, loads nothing and looks like nothing of ours', async () => {
    ask({
      justification:
        '# You approved\n\n<script>alert(1)</script>\n\n![](http://tracker.example/x.png) [Sign in](https://evil.example)',
    });
    const page = await portal.visit(path);
    const said = page.getByRole('figure', { name: 'The agent says', exact: true });
    await said.getByText('You approved').waitFor();
    expect(await said.locator('h1, h2, script, img, a').count()).toBe(0);
    await said.getByText('https://evil.example').waitFor();
  });
});
