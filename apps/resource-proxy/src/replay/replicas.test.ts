import { createTestDatabase, type TestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let database: TestDatabase;
let proxy: TestProxy;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startProxy({ environment: { DATABASE_URL: database.url } });
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

test('W18: a request that one replica accepted is refused by another, also by one started later', async () => {
  const request = await proxy.signed();
  expect((await send(proxy.port, request)).status).toBe(200);
  const reached = proxy.backend.count();
  const other = await proxy.replica();
  try {
    const repeated = await send(other.port, request);
    expect(repeated).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_signature' } });
    expect(proxy.backend.count()).toBe(reached);
    proxy.clock.now += 1;
    expect((await send(other.port, await proxy.signed())).status).toBe(200);
  } finally {
    await other.close();
  }
});

test('of the same request sent to two replicas at once, one arrives', async () => {
  const other = await proxy.replica();
  try {
    proxy.clock.now += 1;
    const request = await proxy.signed();
    const reached = proxy.backend.count();
    const answers = await Promise.all([send(proxy.port, request), send(other.port, request)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(proxy.backend.count()).toBe(reached + 1);
  } finally {
    await other.close();
  }
});

test('health says when the database is gone, and no request passes unchecked', async () => {
  const health = { method: 'GET', target: '/healthz', headers: { host: 'localhost' }, body: '' };
  expect((await send(proxy.apiPort, health)).status).toBe(200);
  await database.drop();
  expect((await send(proxy.apiPort, health)).status).toBe(503);
  proxy.clock.now += 1;
  const reached = proxy.backend.count();
  const answer = await send(proxy.port, await proxy.signed());
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
  expect(answer.headers).not.toHaveProperty('signature-error');
  expect(proxy.backend.count()).toBe(reached);
});
