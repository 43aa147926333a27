import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Revocation } from '@aauth-stack/aauth/resource';
import { openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as schema from '../db/schema.ts';
import { createDatabaseRevocationStore } from './database-revocation-store.ts';

const identifier = (text: string) => parseServerIdentifier(text, { allowLoopback: false });
const issuer = identifier('https://ps.example');
const dwk = 'aauth-person.json';

let database: TestDatabase;
let storage: Awaited<ReturnType<typeof open>>;
let time = 0;

const open = () =>
  openDatabase({
    url: database.url,
    schema,
    migrationsFolder: new URL('../db/migrations', import.meta.url).pathname,
    applicationName: 'test',
    log: captureLog().log,
  });

const createStore = (maxPerIssuer?: number) =>
  createDatabaseRevocationStore({ db: storage.db, now: () => time, ...(maxPerIssuer && { maxPerIssuer }) });

const revocation = (jti: string, changes: Partial<Revocation> = {}): Revocation => ({
  issuer,
  dwk,
  jti,
  expiresAt: time + 100,
  ...changes,
});

beforeAll(async () => {
  database = await createTestDatabase();
  storage = await open();
});

afterAll(async () => {
  await storage.close();
  await database.drop();
});

beforeEach(() => {
  // Whatever an earlier test has left is past.
  time += 1_000_000;
});

test('what was revoked is, in every replica and after a restart; nothing else is', async () => {
  const store = createStore();
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(false);
  await store.revoke(revocation('a'));
  await store.revoke(revocation('a'));
  const replica = await open();
  try {
    const there = createDatabaseRevocationStore({ db: replica.db, now: () => time });
    expect(await there.isRevoked({ issuer, jti: 'a' })).toBe(true);
    expect(await there.isRevoked({ issuer, jti: 'A' })).toBe(false);
    expect(await there.isRevoked({ issuer: identifier('https://other.example'), jti: 'a' })).toBe(false);
  } finally {
    await replica.close();
  }
});

test('it is kept until the token has expired, a day longer for clocks that were ahead, and then forgotten', async () => {
  const store = createStore();
  await store.revoke(revocation('a'));
  time += 86_500;
  await store.revoke(revocation('b'));
  time -= 86_500;
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(true);
  time += 86_501;
  await store.revoke(revocation('c'));
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(false);
  expect(await storage.db.$count(schema.revocations)).toBe(2);
});

test('said twice, the later end counts', async () => {
  const store = createStore();
  await store.revoke(revocation('a', { expiresAt: time + 100 }));
  await store.revoke(revocation('a', { expiresAt: time + 50 }));
  time += 60;
  await store.revoke(revocation('b'));
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(true);
});

test('an issuer with too many in force is told when to come back, and others are not affected', async () => {
  const store = createStore(2);
  await store.revoke(revocation('a', { expiresAt: time + 30 }));
  await store.revoke(revocation('b'));
  await expect(store.revoke(revocation('c'))).rejects.toMatchObject({
    status: 429,
    code: 'rate_limited',
    retryAfter: 30,
  });
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(true);
  await store.revoke(revocation('c', { issuer: identifier('https://other.example') }));
  time += 31;
  await store.revoke(revocation('c'));
  expect(await store.isRevoked({ issuer, jti: 'c' })).toBe(true);
});

test('one that is in force already can be said again when there is no room', async () => {
  const store = createStore(1);
  await store.revoke(revocation('a'));
  await store.revoke(revocation('a'));
  expect(await store.isRevoked({ issuer, jti: 'a' })).toBe(true);
});

test.each([
  ['a character that PostgreSQL cannot store', 'a\0b'],
  ['more than an index holds', '😀'.repeat(1024)],
  ['half a character', '\ud800'],
  ['a quote', "'; drop table revocations; --"],
])('a jti may be any text: %s', async (_name, jti) => {
  const store = createStore();
  await store.revoke(revocation(jti));
  expect(await store.isRevoked({ issuer, jti })).toBe(true);
  expect(await store.isRevoked({ issuer, jti: `${jti}.` })).toBe(false);
});

test('a database that is gone is 503: no confirmation, and no pass', async () => {
  const lost = await open();
  const store = createDatabaseRevocationStore({ db: lost.db, now: () => time });
  await lost.close();
  const unavailable = { status: 503, code: 'temporarily_unavailable' };
  await expect(store.revoke(revocation('a'))).rejects.toMatchObject(unavailable);
  await expect(Promise.resolve(store.isRevoked({ issuer, jti: 'a' }))).rejects.toMatchObject(unavailable);
});
