import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, reportOf, startRun } from '../support/backend.ts';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
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

/** At the question about the second hop: approves, and comes all the way back. */
async function approve(asks: string, requestId: string, resource = 'Market-analysis agent'): Promise<void> {
  await visitor.getByRole('heading', { name: `${asks} at ${resource}` }).waitFor();
  expect(new URL(visitor.url()).origin).toBe(personServer);
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

    await visitor.goto(asked.interaction_url);
    await signIn(visitor);
    await approve('asks to act for you', requestId);
    const goOn = async () => {
      asked = await interactionOf(requestId, asked.interaction_code);
      await visitor.goto(asked.interaction_url);
    };
    await goOn();
    await approve('asks for access', requestId);
    // And on the third: the market-analysis agent makes the supply-chain agent wait, which makes its own caller wait.
    await goOn();
    await approve('asks to act for you', requestId, 'Inventory');
    await goOn();
    await approve('asks for access', requestId, 'Inventory');

    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'completed', interaction_url: null, interaction_code: null });
    expect(reportOf(progress)).toContain('Market Analysis Report');
  });
});
