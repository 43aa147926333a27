import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, reportOf, startRun } from '../support/backend.ts';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { consentRequest, decide, type Interaction, interactionOf } from '../support/consent.ts';
import { takeBackEverything } from '../support/person.ts';
import { killed } from '../support/processes.ts';
import { startAgain } from '../support/restart.ts';

const personServer = 'http://person-server.localhost:8765';

/** The Person Server with another policy, and agents that remember nothing. */
async function withPolicy(policy: string): Promise<void> {
  await takeBackEverything();
  for (const service of ['person-server', 'supply-chain-agent', 'backend']) await killed(service);
  await startAgain({ AAUTH_CONSENT_POLICY: policy });
}

let browser: Browser;
let visitor: Page;

beforeAll(async () => {
  await withPolicy('first-use');
  browser = await launchChromium();
  visitor = await newVisitor(browser);
});
afterAll(async () => {
  await browser?.close();
  await withPolicy('standing');
});

/**
 * Opens the page of the agent in between, and goes on to the Person Server, over the page of each agent between the two.
 *
 * @returns the code that the last of these pages said the Person Server would show
 */
async function goToPersonServer({ interaction_url, interaction_code }: Interaction): Promise<string> {
  await visitor.goto(interaction_url);
  let code = interaction_code;
  while (new URL(visitor.url()).origin !== personServer) {
    const codes = visitor.locator('dd');
    expect(await codes.first().textContent()).toBe(code);
    code = (await codes.last().textContent()) ?? '';
    await visitor.getByRole('link', { name: /^Continue at / }).click();
    await visitor.waitForLoadState();
  }
  return code;
}

/** At the question about the second hop: approves, and comes all the way back. */
async function approve(
  asks: string,
  requestId: string,
  code: string,
  resource = 'Market-analysis agent',
): Promise<void> {
  await visitor.getByRole('heading', { name: `${asks} at ${resource}` }).waitFor();
  await visitor.getByText(code, { exact: true }).waitFor();
  await visitor.getByRole('button', { name: 'Approve' }).click();
  await visitor.waitForURL(`http://localhost:3050/auth-callback?request_id=${requestId}**`);
}

describe('with the policy first-use', () => {
  it('the person is asked on the second hop too: the supply-chain agent answers its caller with its own 202, code and page', async () => {
    const requestId = await startRun({ prompt: 'perform market analysis' });
    // First the backend's own questions: whether the resource may know the person, and for the scopes.
    let asked = await interactionOf(requestId);
    while (new URL(asked.interaction_url).origin === personServer) {
      const { pending_id, resource } = await consentRequest(asked.interaction_code);
      expect(resource.issuer).toBe('http://supply-chain-agent.localhost:3000');
      await decide(pending_id, { approved: true });
      asked = await interactionOf(requestId, asked.interaction_code);
    }
    expect(new URL(asked.interaction_url).origin).toBe('http://supply-chain-agent.localhost:3000');
    expect(new URL(asked.interaction_url).pathname).toMatch(/^\/interaction\//);

    const first = await goToPersonServer(asked);
    await signIn(visitor);
    await approve('asks to act for you', requestId, first);
    const next = async () => {
      asked = await interactionOf(requestId, asked.interaction_code);
      return goToPersonServer(asked);
    };
    await approve('asks for access', requestId, await next());
    // And on the third: the market-analysis agent makes the supply-chain agent wait, which makes its own caller wait.
    await approve('asks to act for you', requestId, await next(), 'Inventory');
    await approve('asks for access', requestId, await next(), 'Inventory');

    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'completed', interaction_url: null, interaction_code: null });
    expect(reportOf(progress)).toContain('Market Analysis Report');
  });
});
