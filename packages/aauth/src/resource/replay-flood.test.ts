import { expect, it, vi } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { startProtectedServer } from '../../test/support/protected-server.ts';
import type { SigningChanges, TestRequest } from '../../test/support/requests.ts';
import { createReplayCache, jwtSignatureKey } from '../signatures/index.ts';
import { decodeTokenForDisplay } from '../tokens/index.ts';

const post: TestRequest = { method: 'POST', target: '/orders', body: '{"item":1}' };
const stranger = await createKey();

it('what is refused is not remembered: strangers cannot fill the memory of seen signatures', async () => {
  const claim = vi.fn(() => true);
  const parties = await startProtectedServer(() => ({ replay: { claim } }));
  const send = async (changes: SigningChanges = {}) =>
    (await parties.send(post, await parties.sign(post, changes))).status;
  expect(await send()).toBe(200);
  expect(claim).toHaveBeenCalledTimes(1);
  expect(await send({ key: stranger })).toBe(401);
  expect(await send({ created: parties.clock.now() - 61 })).toBe(401);
  expect((await parties.send(post, {})).status).toBe(401);
  expect((await parties.send({ ...post, body: '{}' }, await parties.sign(post))).status).toBe(401);
  expect(claim).toHaveBeenCalledTimes(1);
});

it('an agent that floods is told to wait; nothing is repeated, it can read, and other agents go on', async () => {
  let now = () => 0;
  const parties = await startProtectedServer(() => ({
    replay: createReplayCache({ maxEntries: 6, now: () => now() }),
  }));
  now = parties.clock.now;
  const headers = await parties.sign(post);
  expect((await parties.send(post, headers)).status).toBe(200);
  const flood = async () => {
    parties.clock.advance(1);
    return parties.send(post, await parties.sign(post));
  };
  expect((await flood()).status).toBe(200);
  const reached = parties.reached.length;
  const refused = await flood();
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '59' } });
  expect(JSON.parse(refused.body)).toMatchObject({ error: 'rate_limited' });
  expect(refused.headers).not.toHaveProperty('signature-error');
  expect((await parties.send(post, headers)).status).toBe(401);
  expect(parties.reached).toHaveLength(reached);
  const get: TestRequest = { method: 'GET', target: '/orders' };
  expect((await parties.send(get, await parties.sign(get))).status).toBe(200);
  const { iss } = decodeTokenForDisplay(await parties.token())?.claims ?? {};
  const otherToken = await parties.token({ sub: `aauth:other@${new URL(`${iss}`).host}` });
  expect(
    (await parties.send(post, await parties.sign(post, { signatureKey: jwtSignatureKey(otherToken) }))).status,
  ).toBe(200);
  parties.clock.advance(62);
  expect((await parties.send(post, await parties.sign(post))).status).toBe(200);
});

it('when callers of many issuers have filled it, state-changing requests wait', async () => {
  let now = () => 0;
  const replay = createReplayCache({ maxEntries: 2, now: () => now() });
  const parties = await startProtectedServer(() => ({ replay }));
  now = parties.clock.now;
  const headers = await parties.sign(post);
  for (const issuer of ['https://a.example', 'https://b.example']) replay.claim(issuer, now() + 60, [issuer]);
  const full = await parties.send(post, headers);
  expect(full).toMatchObject({ status: 503, headers: { 'retry-after': '61' } });
  expect(full.headers).not.toHaveProperty('signature-error');
  expect(parties.reached).toEqual([]);
  parties.clock.advance(61);
  expect((await parties.send(post, await parties.sign(post))).status).toBe(200);
});
