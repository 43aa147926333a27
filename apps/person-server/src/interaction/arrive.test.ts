import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BrowserSession, signIn } from '../../test/browser-session.ts';
import { askForAuthToken, decide, poll, type Waiting, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;
let pending: Waiting;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});
beforeEach(async () => {
  deployment.useReplica(0);
  // Past the window in which wrong codes count.
  deployment.clock.advance(301);
  agent = await approvedAgent(deployment);
  pending = waiting(await askForAuthToken(deployment, agent, resource));
});

async function open(browser: Pick<BrowserSession, 'get'>, code: string, callback?: string) {
  const query = new URLSearchParams({ code, ...(callback !== undefined && { callback }) });
  const response = await browser.get(`/consent?${query}`);
  return { status: response.status, body: Object(await response.json()) };
}

async function decideIn(browser: BrowserSession, { id }: Waiting, decision: object) {
  const response = await deployment.request(`/consent/${id}/decision`, {
    method: 'POST',
    headers: {
      cookie: browser.cookie,
      origin: deployment.origin,
      'x-csrf-token': browser.csrfToken,
      'content-type': 'application/json',
    },
    body: JSON.stringify(decision),
  });
  return { status: response.status, body: Object(await response.json()) };
}

const upheavals = [
  ['nothing', async () => {}],
  ['a restart', () => deployment.restart()],
  ['a turn to another replica', async () => deployment.useReplica(1)],
] as const;

describe('a code', () => {
  test.each(upheavals)(
    'opens its request for the session that comes first, again and again, after %s',
    async (_, upheaval) => {
      const browser = await signIn(deployment);
      const opened = await open(browser, pending.code);
      expect(opened).toMatchObject({
        status: 200,
        body: { pending_id: pending.id, status: 'interacting', code: pending.code },
      });
      const polled = await poll(deployment, agent, pending);
      expect([polled.status, polled.body.status]).toEqual([202, 'interacting']);
      await upheaval();
      expect(await open(browser, pending.code.toLowerCase().replace('-', ''))).toMatchObject({ status: 200 });
      const other = await signIn(deployment);
      expect(await open(other, pending.code)).toMatchObject({ status: 410, body: { error: 'invalid_code' } });
      expect(await decideIn(browser, pending, { approved: true })).toMatchObject({
        status: 200,
        body: { status: 'approved' },
      });
      expect(await open(browser, pending.code)).toMatchObject({ status: 200, body: { status: 'approved' } });
      expect(await open(other, pending.code)).toMatchObject({ status: 410 });
    },
  );

  test('decides nothing: without a session nothing is shown, and the agent cannot decide', async () => {
    const anonymous = { get: (path: string) => deployment.request(path) };
    expect(await open(anonymous, pending.code)).toMatchObject({ status: 401, body: { error: 'session_required' } });
    const decision = await deployment.request(`/consent/${pending.id}/decision`, {
      method: 'POST',
      headers: { origin: deployment.origin, 'content-type': 'application/json' },
      body: JSON.stringify({ approved: true, code: pending.code }),
    });
    expect(decision.status).toBe(401);
    expect((await poll(deployment, agent, pending)).status).toBe(202);
    expect(await open(await signIn(deployment), pending.code)).toMatchObject({ status: 200 });
  });

  test.each(upheavals)('that is guessed ten times is worth nothing any more, after %s', async (_, upheaval) => {
    const browser = await signIn(deployment);
    for (let guess = 0; guess < 10; guess += 1) {
      if (guess === 5) await upheaval();
      expect(await open(browser, `0000-000${guess}`)).toMatchObject({ status: 410, body: { error: 'invalid_code' } });
    }
    expect(await open(browser, pending.code)).toMatchObject({ status: 410, body: { error: 'invalid_code' } });
    const ended = await poll(deployment, agent, pending);
    expect([ended.status, ended.body.error]).toEqual([410, 'invalid_code']);
    expect((await decide(deployment, pending, { approved: true })).status).toBe(409);
    const next = waiting(await askForAuthToken(deployment, agent, resource));
    expect(await open(await signIn(deployment), next.code)).toMatchObject({ status: 410 });
    deployment.clock.advance(301);
    expect(await open(await signIn(deployment), next.code)).toMatchObject({ status: 200 });
  });

  test('that is none is not counted, nor is one of another request that was opened', async () => {
    const browser = await signIn(deployment);
    await open(browser, pending.code);
    for (let guess = 0; guess < 12; guess += 1) {
      expect((await open(browser, 'nonsense!')).status).toBe(410);
    }
    expect(await open(browser, pending.code)).toMatchObject({ status: 200 });
  });

  test('of a request that nobody completes: abandoned', async () => {
    await open(await signIn(deployment), pending.code);
    deployment.clock.advance(601);
    const ended = await poll(deployment, agent, pending);
    expect([ended.status, ended.body.error]).toEqual([403, 'abandoned']);
  });
});

describe('two browsers', () => {
  test('that race: one decision counts, and the other is told', async () => {
    const [first, second] = [await signIn(deployment), await signIn(deployment)];
    await open(first, pending.code);
    const answers = await Promise.all([
      decideIn(first, pending, { approved: true }),
      decideIn(second, pending, { approved: false }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const counted = answers.find(({ status }) => status === 200)?.body.status;
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      error: 'already_decided',
      request_status: counted,
      decided_at: expect.any(String),
    });
    expect((await poll(deployment, agent, pending)).status).toBe(counted === 'approved' ? 200 : 403);
  });

  test.each(upheavals)('W16: a later approval changes nothing about a denial, after %s', async (_, upheaval) => {
    const browser = await signIn(deployment);
    expect((await decideIn(browser, pending, { approved: false })).status).toBe(200);
    await upheaval();
    expect(await decideIn(browser, pending, { approved: true })).toMatchObject({ status: 409 });
    expect((await poll(deployment, agent, pending)).body.error).toBe('denied');
  });
});

describe('a callback', () => {
  const back = 'http://localhost:3050/auth-callback?request_id=1';

  test.each([
    ['approved', { approved: true }, back],
    ['denied', { approved: false }, `${back}&error=access_denied`],
  ])('is where a person goes on who %s', async (_, decision, redirect) => {
    deployment.peer.metadata = { localhost_callback_allowed: true };
    await deployment.restart();
    const browser = await signIn(deployment);
    expect(await open(browser, pending.code, back)).toMatchObject({ status: 200, body: { redirect_url: null } });
    expect((await decideIn(browser, pending, decision)).body.redirect_url).toBe(redirect);
  });

  test('W16: leads nowhere that the agent’s provider does not vouch for', async () => {
    deployment.peer.metadata = { callback_endpoint: 'https://app.example/back' };
    await deployment.restart();
    const browser = await signIn(deployment);
    for (const callback of [
      back,
      'https://evil.example/',
      'https://app.example.evil.example/back',
      'https://app.example@evil.example/',
      'http://app.example/back',
      'https://app.example/back#fragment',
      'javascript:alert(1)',
      '//evil.example',
      'nonsense',
    ]) {
      expect(await open(browser, pending.code, callback)).toMatchObject({
        status: 400,
        body: { error: 'invalid_callback' },
      });
    }
    expect(await open(browser, pending.code, 'https://app.example/back?x=1')).toMatchObject({ status: 200 });
    expect((await decideIn(browser, pending, { approved: true })).body.redirect_url).toBe(
      'https://app.example/back?x=1',
    );
  });
});
