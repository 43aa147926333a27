import { expect, it, vi } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { startProtectedServer } from '../../test/support/protected-server.ts';
import type { SigningChanges, TestRequest } from '../../test/support/requests.ts';
import { createReplayCache } from '../signatures/index.ts';

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

it('when agents have filled it, state-changing requests wait, nothing is repeated, and reading goes on', async () => {
  let now = () => 0;
  const parties = await startProtectedServer(() => ({
    replay: createReplayCache({ maxEntries: 2, now: () => now() }),
  }));
  now = parties.clock.now;
  const headers = await parties.sign(post);
  expect((await parties.send(post, headers)).status).toBe(200);
  parties.clock.advance(1);
  expect((await parties.send(post, await parties.sign(post))).status).toBe(200);
  parties.clock.advance(1);
  const reached = parties.reached.length;
  const full = await parties.send(post, await parties.sign(post));
  expect(full).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
  expect(full.headers).not.toHaveProperty('signature-error');
  expect((await parties.send(post, headers)).status).toBe(401);
  expect(parties.reached).toHaveLength(reached);
  const get: TestRequest = { method: 'GET', target: '/orders' };
  expect((await parties.send(get, await parties.sign(get))).status).toBe(200);
  parties.clock.advance(62);
  expect((await parties.send(post, await parties.sign(post))).status).toBe(200);
});
