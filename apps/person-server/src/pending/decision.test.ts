import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForAuthToken, askForPersonToken, decide, poll, untilHeld, waiting } from '../../test/consent.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, claimsOf, type TestAgent } from '../../test/test-agent.ts';

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment: { AAUTH_CONSENT_POLICY: 'standing' } });
});
afterAll(() => deployment?.stop());
beforeEach(async () => {
  deployment.useReplica(0);
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
  return () => resource.stop();
});

/** What may happen to the servers between two steps. */
const upheavals = [
  ['nothing', async () => {}],
  ['a restart', () => deployment.restart()],
  ['a turn to another replica', async () => deployment.useReplica(1)],
] as const;

describe('a request that needs the person', () => {
  test('is answered with where to send them and where to poll', async () => {
    const answer = await askForAuthToken(deployment, agent, resource);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({ status: 'pending', expires_at: expect.any(String) });
    expect(answer.headers.get('location')).toMatch(/^\/pending\/[\w-]{22}$/);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('aauth-requirement')).toMatch(
      new RegExp(
        `^requirement=interaction;url="${deployment.origin}/ui/consent";code="[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"$`,
      ),
    );
    const polled = await poll(deployment, agent, waiting(answer));
    for (const name of ['location', 'cache-control', 'aauth-requirement']) {
      expect(polled.headers.get(name)).toBe(answer.headers.get(name));
    }
    expect([polled.status, polled.body]).toEqual([202, answer.body]);
  });

  test.each(upheavals)('and is approved brings the token, once, after %s', async (_, upheaval) => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    await upheaval();
    expect((await poll(deployment, agent, pending)).status).toBe(202);
    const decided = await decide(deployment, pending, { approved: true });
    expect([decided.status, decided.body.status, decided.body.granted_scopes]).toEqual([
      200,
      'approved',
      ['read', 'require:user'],
    ]);
    await upheaval();
    const granted = await poll(deployment, agent, pending);
    expect([granted.status, granted.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(claimsOf(String(granted.body.auth_token))).toMatchObject({
      aud: resource.issuer,
      scope: 'read require:user',
      cnf: { jwk: agent.key.publicJwk },
    });
    const again = await poll(deployment, agent, pending);
    expect([again.status, again.body.error]).toEqual([410, 'gone']);
  });

  test.each(upheavals)('and is approved twice brings one token, with %s in between', async (_, upheaval) => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    expect((await decide(deployment, pending, { approved: true, scopes: ['read'] })).status).toBe(200);
    await upheaval();
    const again = await decide(deployment, pending, { approved: true, remember: true });
    expect(again.body).toMatchObject({ status: 409, error: 'already_decided', request_status: 'approved' });
    const granted = await poll(deployment, agent, pending);
    expect(claimsOf(String(granted.body.auth_token)).scope).toBe('read');
    expect((await poll(deployment, agent, pending)).status).toBe(410);
    expect((await askForAuthToken(deployment, agent, resource)).status).toBe(202);
  });

  test.each(upheavals)('and is denied ends with that, once, after %s', async (_, upheaval) => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    await upheaval();
    expect((await decide(deployment, pending, { approved: false })).body.status).toBe('denied');
    await upheaval();
    const denied = await poll(deployment, agent, pending);
    expect([denied.status, denied.body.error]).toEqual([403, 'denied']);
    expect(denied.headers.get('content-type')).toBe('application/problem+json');
    expect((await poll(deployment, agent, pending)).status).toBe(410);
  });

  test.each(upheavals)('and that nobody decides expires, after %s', async (_, upheaval) => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    deployment.clock.advance(601);
    await upheaval();
    const late = await decide(deployment, pending, { approved: true });
    expect([late.status, late.body.error]).toEqual([410, 'expired']);
    const expired = await poll(deployment, agent, pending);
    expect([expired.status, expired.body.error]).toEqual([408, 'expired']);
    expect((await poll(deployment, agent, pending)).status).toBe(410);
  });

  test.each([
    ['the same replica', 0],
    ['another replica', 1],
  ])('wakes a held poll at once when it is decided at %s', async (_, replica) => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    const held = poll(deployment, agent, pending, 20);
    await untilHeld(deployment, pending);
    deployment.useReplica(replica);
    const decidedAt = performance.now();
    await decide(deployment, pending, { approved: true });
    expect((await held).status).toBe(200);
    expect(performance.now() - decidedAt).toBeLessThan(18_000);
  });

  test('is nobody else’s to poll, and only for a signed request', async () => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    const other = await approvedAgent(deployment, 'Other App');
    const foreign = await poll(deployment, other, pending);
    const unknown = await poll(deployment, agent, { path: `/pending/${'x'.repeat(22)}` });
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    const unsigned = await deployment.request(pending.path);
    expect([unsigned.status, unsigned.headers.get('signature-error')]).toEqual([401, 'error=invalid_signature']);
    expect((await poll(deployment, agent, pending)).status).toBe(202);
  });

  test('brings one token, also to polls at the same moment at two replicas', async () => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, pending, { approved: true });
    const answers = await Promise.all(
      [0, 1, 0, 1].map((replica) => {
        deployment.useReplica(replica);
        return poll(deployment, agent, pending);
      }),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410, 410, 410]);
  });

  test('may be granted in part, and no further than asked for', async () => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    for (const scopes of [[], ['write'], ['read', 'write']]) {
      const refused = await decide(deployment, pending, { approved: true, scopes });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request']);
    }
    const decided = await decide(deployment, pending, { approved: true, scopes: ['read'] });
    expect(decided.body.granted_scopes).toEqual(['read']);
    const granted = await poll(deployment, agent, pending);
    expect(claimsOf(String(granted.body.auth_token)).scope).toBe('read');
  });

  test('is collected by an agent that has a new token for the same key', async () => {
    const pending = waiting(await askForAuthToken(deployment, agent, resource));
    await decide(deployment, pending, { approved: true });
    const renewed = await agentTokenOf(deployment, agent.id, agent.key);
    expect((await poll(deployment, renewed, pending)).status).toBe(200);
  });
});

describe('with the policy first-use', () => {
  beforeAll(() => deployment.restart({ AAUTH_CONSENT_POLICY: 'first-use' }));
  afterAll(() => deployment.restart());

  test('the person is asked about a resource, and not again when they remember it', async () => {
    const pending = waiting(await askForPersonToken(deployment, agent, resource));
    await decide(deployment, pending, { approved: true, remember: true });
    const presented = await poll(deployment, agent, pending);
    expect(claimsOf(String(presented.body.person_token))).toMatchObject({ aud: resource.issuer });
    expect((await askForPersonToken(deployment, agent, resource)).status).toBe(200);
  });

  test('and asked again when they allowed it once', async () => {
    const pending = waiting(await askForPersonToken(deployment, agent, resource));
    await decide(deployment, pending, { approved: true });
    expect((await poll(deployment, agent, pending)).status).toBe(200);
    expect((await askForPersonToken(deployment, agent, resource)).status).toBe(202);
  });
});
