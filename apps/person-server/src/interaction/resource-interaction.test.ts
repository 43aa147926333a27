import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BrowserSession, signIn } from '../../test/browser-session.ts';
import { decide, poll, type Waiting, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, ask, personToken, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;
let browser: BrowserSession;
let pending: Waiting;
let there: URL;

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
  agent = await approvedAgent(deployment);
  const presented = await personToken(deployment, agent, resource);
  const interaction = { url: `${resource.issuer}/connect`, code: 'R1' };
  pending = waiting(
    await ask(deployment, agent, '/auth-token', {
      resource_token: await resource.challenge(presented, { interaction }),
      presented_token: presented,
      capabilities: ['interaction'],
    }),
  );
  browser = await signIn(deployment);
  const opened = Object(await (await browser.get(`/consent?code=${pending.code}`)).json());
  expect(opened.interaction.state).toBe('needed');
  there = new URL(opened.interaction.url);
});

/** The resource sends the person back. */
async function back(error?: string, session: Pick<BrowserSession, 'get'> = browser): Promise<Response> {
  const url = new URL(there.searchParams.get('callback') ?? '');
  if (error !== undefined) url.searchParams.set('error', error);
  return session.get(`${url.pathname}${url.search}`);
}

test.each([
  ['nothing', async () => {}],
  ['a restart', () => deployment.restart()],
  ['a turn to another replica', async () => deployment.useReplica(1)],
])('the person goes to the resource first, and decides when they are back, after %s', async (_, upheaval) => {
  expect([there.origin, there.pathname, there.searchParams.get('code')]).toEqual([resource.issuer, '/connect', 'R1']);
  const early = await decide(deployment, pending, { approved: true });
  expect([early.status, early.body.error]).toEqual([409, 'interaction_needed']);
  await upheaval();
  const returned = await back();
  expect([returned.status, returned.headers.get('location')]).toEqual([303, `/ui/consent?code=${pending.code}`]);
  const shown = await browser.get(`/consent?code=${pending.code}`);
  expect(await shown.json()).toMatchObject({ status: 'interacting', interaction: { state: 'done' } });
  expect((await decide(deployment, pending, { approved: true })).status).toBe(200);
  expect((await poll(deployment, agent, pending)).status).toBe(200);
});

test.each([
  ['access_denied', 403, 'denied'],
  ['user_abandoned', 403, 'abandoned'],
  ['interaction_expired', 408, 'expired'],
  ['server_error', 500, 'server_error'],
  ['temporarily_unavailable', 500, 'server_error'],
  ['nonsense', 500, 'server_error'],
])('%s at the resource ends the request with %i %s', async (error, status, outcome) => {
  expect((await back(error)).status).toBe(303);
  const ended = await poll(deployment, agent, pending);
  expect([ended.status, ended.body.error]).toEqual([status, outcome]);
});

test('only the session that went there comes back, on the way it was sent', async () => {
  const other = await signIn(deployment);
  const anonymous = { get: (path: string) => deployment.request(path) };
  for (const stranger of [other, anonymous]) {
    const answer = await back('access_denied', stranger);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ui/consent']);
  }
  const forged = await browser.get(`/consent/${pending.id}/return?flow=x&error=access_denied`);
  expect(forged.status).toBe(303);
  expect((await poll(deployment, agent, pending)).status).toBe(202);
  expect((await back('access_denied')).status).toBe(303);
  expect((await poll(deployment, agent, pending)).body.error).toBe('denied');
});
