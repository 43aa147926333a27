import { openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '../db/schema.ts';
import { createDatabaseReplayCache } from './database-replay-cache.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const open = () =>
  openDatabase({
    url: database.url,
    schema,
    migrationsFolder: new URL('../db/migrations', import.meta.url).pathname,
    applicationName: 'test',
    log: captureLog().log,
  });

test('one of many claims is the first, whichever replica they reach', async () => {
  const replicas = [await open(), await open()];
  try {
    const caches = replicas.map(({ db }) => createDatabaseReplayCache({ db, now: () => 100 }));
    const claims = Array.from({ length: 20 }, (_, index) => caches[index % 2]?.claim('a', 160, ['one']));
    expect((await Promise.all(claims)).filter((first) => first)).toHaveLength(1);
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
  }
  const restarted = await open();
  try {
    const cache = createDatabaseReplayCache({ db: restarted.db, now: () => 110 });
    expect(await cache.claim('a', 160, ['one'])).toBe(false);
  } finally {
    await restarted.close();
  }
});

test('what no longer counts is forgotten; when it is full of what counts it refuses', async () => {
  const { db, close } = await open();
  try {
    let now = 1_000;
    const cache = createDatabaseReplayCache({ db, now: () => now, maxEntries: 2 });
    expect(await cache.claim('b', 1_060, ['one'])).toBe(true);
    expect(await cache.claim('c', 1_060, ['two'])).toBe(true);
    await expect(cache.claim('d', 1_060, ['three'])).rejects.toMatchObject({
      status: 503,
      code: 'temporarily_unavailable',
    });
    now = 1_061;
    expect(await cache.claim('d', 1_121, ['three'])).toBe(true);
    expect(await db.$count(schema.seenSignatures)).toBe(1);
  } finally {
    await close();
  }
});

test('a database that is gone is 503, not a refusal and not a pass', async () => {
  const { db, close } = await open();
  const cache = createDatabaseReplayCache({ db, now: () => 2_000 });
  expect(await cache.claim('e', 2_060, ['one'])).toBe(true);
  await close();
  await expect(cache.claim('f', 2_060, ['one'])).rejects.toMatchObject({
    status: 503,
    code: 'temporarily_unavailable',
  });
});
