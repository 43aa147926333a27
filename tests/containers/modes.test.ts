import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { launchChromium, newVisitor, signIn } from '../support/chromium.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { takeBackEverything } from '../support/person.ts';
import { until } from '../support/until.ts';
import { type Edge, edges, type Mode } from '../traces/edges.ts';
import { type JaegerSpan, tracesOf } from '../traces/jaeger.ts';
import { missing, rootsOf } from '../traces/proof.ts';
import { compose, containers, forget, up } from './deployment.ts';

const modes: Mode[] = ['mode1', 'mode3', 'user-consent'];
const jaeger = 'http://localhost:16686';

describe.skipIf(!inject('engine'))('docker compose up', () => {
  afterAll(forget);

  describe.each(modes)('with AAUTH_MODE=%s', (mode) => {
    let requestId: string;
    beforeAll(async () => {
      await forget();
      await up(mode === 'mode1' ? {} : { AAUTH_MODE: mode });
    });

    it('has every service healthy, and every task ended well', async () => {
      for (const { Service, State, Health, ExitCode } of await containers()) {
        if (State === 'exited') expect([Service, ExitCode]).toEqual([expect.stringMatching(tasks), 0]);
        else if (Service !== 'jaeger') expect([Service, State, Health]).toEqual([Service, 'running', 'healthy']);
      }
    });

    it('completes a run that this machine asks for', async () => {
      requestId = await startRun({ prompt: 'perform market analysis' });
      if (mode === 'user-consent') {
        const { interaction_code } = await interactionOf(requestId);
        const { pending_id } = await consentRequest(interaction_code);
        await decide(pending_id, { approved: true });
      }
      const { status, error } = await endOf(requestId);
      expect([status, error]).toEqual(['completed', null]);
    });

    it('shows each edge of the mode in one trace, through Jaeger’s API', async () => {
      const table: readonly Edge[] = edges[mode];
      let trace: readonly JaegerSpan[] = [];
      const unseen = () => table.map((edge) => missing(edge, trace)).filter((reason) => reason !== undefined);
      const complete = async () => {
        trace = (await tracesOf(jaeger, 'supply-chain-backend', requestId))[0] ?? [];
        return rootsOf(trace).length === 1 && unseen().length === 0;
      };
      await until('the trace', complete, 60_000).catch(() => undefined);
      expect(unseen()).toEqual([]);
      expect(rootsOf(trace).map(({ operation }) => operation)).toEqual(['POST /optimization/start']);
    });
  });

  it('goes from mode1 to mode3 and on to user-consent without forgetting anybody', async () => {
    await forget();
    for (const mode of modes) {
      await up({ AAUTH_MODE: mode });
      const requestId = await startRun({ prompt: 'perform market analysis' });
      if (mode === 'user-consent') {
        const { interaction_code } = await interactionOf(requestId);
        await decide((await consentRequest(interaction_code)).pending_id, { approved: true });
      }
      expect([mode, (await endOf(requestId)).status]).toEqual([mode, 'completed']);
    }
    expect(await compose(['logs', '--no-log-prefix', 'approval'])).toContain('All agents are enrolled.');
  });
});

const tasks = /^(?:secrets|databases|approval)$/;

describe.skipIf(!inject('engine'))('a browser on this machine, which resolves *.localhost by itself', () => {
  let browser: Browser;
  beforeAll(async () => {
    await up({ AAUTH_MODE: 'user-consent' });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await forget();
  });

  it('opens the link of the question, signs in, approves, and the run completes', async () => {
    await takeBackEverything();
    const requestId = await startRun({ prompt: 'perform market analysis' });
    const { interaction_url, interaction_code } = await interactionOf(requestId);
    expect(interaction_url).toMatch(/^http:\/\/person-server\.localhost:8765\//);
    const page = await newVisitor(browser);
    await page.goto(interaction_url);
    await signIn(page);
    await page.getByText(interaction_code).waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(`http://localhost:3050/auth-callback?request_id=${requestId}**`);
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('starts a run at the demo’s page, decides in the window that opens, and reads the result', async () => {
    await takeBackEverything();
    const page = await newVisitor(browser);
    await page.goto('http://localhost:3050');
    await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).click();
    await page.getByRole('heading', { name: 'The agents need your decision' }).waitFor();
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Review and decide' }).click();
    const popup = await opened;
    await signIn(popup);
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'Approve' }).click();
    await closed;
    await page.getByRole('heading', { name: /^Recommendations/ }).waitFor();
    await page.getByRole('tab', { name: 'On the wire' }).click();
    const exchanges = page.getByRole('list', { name: /^Exchanges/ });
    await exchanges.getByRole('button').filter({ hasText: 'auth-token' }).first().waitFor();
  });
});
