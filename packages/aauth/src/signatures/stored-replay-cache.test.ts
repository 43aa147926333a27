import { expect, test } from 'vitest';
import { UnavailableError } from '../errors.ts';
import { createStoredReplayCache, type ReplayStore } from './stored-replay-cache.ts';

function createWorld(maxEntries: number) {
  const entries = new Map<string, number>();
  const purges: number[] = [];
  const store: ReplayStore = {
    async add(id, expiresAt) {
      if (entries.has(id)) return false;
      entries.set(id, expiresAt);
      return true;
    },
    async dropExpired(before) {
      purges.push(before);
      const expired = [...entries].filter(([, expiry]) => expiry < before);
      for (const [id] of expired) entries.delete(id);
      const expiries = expired.map(([, expiry]) => expiry);
      const dropped = expiries.length > 0 ? { from: Math.min(...expiries), to: Math.max(...expiries) } : undefined;
      return { left: entries.size, dropped };
    },
  };
  const clock = { time: 1000 };
  return { store, purges, clock, cache: createStoredReplayCache({ store, maxEntries, now: () => clock.time }) };
}

test('drops what has expired every thirty seconds, every five when half of it is taken, and also when the clock was set back', async () => {
  const { cache, clock, purges } = createWorld(8);
  const claim = (id: string, time: number) => {
    clock.time = time;
    return cache.claim(id, time + 60, [id]);
  };
  expect(await claim('a', 1000)).toBe(true);
  expect(await claim('b', 1029)).toBe(true);
  expect(await claim('c', 1030)).toBe(true);
  expect(await claim('d', 1034)).toBe(true);
  expect(await claim('e', 1035)).toBe(true);
  expect(await claim('f', 1039)).toBe(true);
  expect(purges).toEqual([1000, 1030, 1035]);
  expect(await claim('g', 900)).toBe(true);
  expect(purges.at(-1)).toBe(900);
});

test('asks the store once to drop, however many claims come at once', async () => {
  const { cache, purges } = createWorld(100);
  const claims = Array.from({ length: 20 }, (_, index) => cache.claim(`${index % 2}`, 1060, ['one']));
  expect((await Promise.all(claims)).filter((first) => first)).toHaveLength(2);
  expect(purges).toEqual([1000]);
});

test('counts what other replicas stored', async () => {
  const { cache, store, clock } = createWorld(3);
  for (const id of ['a', 'b', 'c']) await store.add(id, 1060);
  await expect(cache.claim('d', 1060, ['one'])).rejects.toMatchObject({ status: 503 });
  clock.time = 1061;
  expect(await cache.claim('d', 1121, ['one'])).toBe(true);
});

test('a signature of a time whose entries were dropped is refused when the clock has been set back', async () => {
  const { cache, clock } = createWorld(10);
  expect(await cache.claim('a', 1060, ['one'])).toBe(true);
  clock.time = 2000;
  await cache.purge();
  clock.time = 1005;
  await expect(cache.claim('a', 1060, ['one'])).rejects.toMatchObject({ status: 503 });
  expect(await cache.claim('b', 1065, ['one'])).toBe(true);
});

test.each(['add', 'dropExpired'] as const)(
  'a store whose %s fails is 503: not a refusal, and not a pass',
  async (step) => {
    const { store } = createWorld(10);
    const cause = new Error('away');
    const failing: ReplayStore = { ...store, [step]: () => Promise.reject(cause) };
    const cache = createStoredReplayCache({ store: failing, maxEntries: 10, now: () => 1000 });
    const failure = await cache.claim('a', 1060, ['one']).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({ code: 'temporarily_unavailable', cause });
  },
);
