import { createTestDatabase, startDatabaseRelay } from '@aauth-stack/service/testing';
import { expect, onTestFinished, test } from 'vitest';
import { answer, type Send, startBackend } from '../../test/backend.ts';
import { request, startRun, untilStatus } from '../../test/requests.ts';

test('while the database is away every route says so with 503 and Retry-After, and afterwards all is as before', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const relay = await startDatabaseRelay(database.url);
  onTestFinished(() => relay.close());
  const backend = await startBackend({ databaseUrl: relay.url });
  onTestFinished(() => backend.close());
  const id = await startRun(backend.url, 'optimize laptop supply chain');
  const before = await untilStatus(backend.url, id, 'completed');

  await relay.cut();
  const requests = [
    ['POST', '/optimization/start'],
    ['GET', '/optimization/all'],
    ['GET', `/optimization/progress/${id}`],
    ['GET', `/optimization/results/${id}`],
    ['DELETE', '/optimization/clear'],
  ] as const;
  for (const [method, path] of requests) {
    const response = await request(backend.url, path, {
      method,
      ...(method === 'POST' && { body: { prompt: 'again' } }),
    });
    expect([path, response.status, response.body]).toEqual([
      path,
      503,
      expect.objectContaining({ error: 'temporarily_unavailable' }),
    ]);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  }

  await relay.restore();
  await expect.poll(async () => (await request(backend.url, `/optimization/progress/${id}`)).body).toEqual(before);
  expect((await request(backend.url, '/optimization/all')).body).toHaveLength(1);
});

test('W13: what the agents answer while the database is away is there afterwards', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const relay = await startDatabaseRelay(database.url);
  onTestFinished(() => relay.close());
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const send: Send = async (...call) => {
    asked.resolve();
    await answered.promise;
    return answer(...call);
  };
  const backend = await startBackend({ databaseUrl: relay.url, send });
  onTestFinished(() => backend.close());
  const id = await startRun(backend.url, 'optimize laptop supply chain');
  await asked.promise;
  await relay.cut();
  answered.resolve();
  await expect
    .poll(() => backend.warnings())
    .toContain('the database is not answering; a run is recorded when it does');
  await relay.restore();
  expect((await untilStatus(backend.url, id, 'completed')).error).toBeNull();
});
