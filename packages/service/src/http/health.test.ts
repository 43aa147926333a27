import { afterEach, expect, test, vi } from 'vitest';
import { healthRoutes } from './index.ts';

afterEach(() => vi.useRealTimers());

test('without checks both answer ok', async () => {
  const app = healthRoutes({});
  for (const path of ['/healthz', '/readyz']) {
    const response = await app.request(path);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', checks: {} }]);
    expect([response.headers.get('cache-control'), response.headers.get('retry-after')]).toEqual(['no-store', null]);
  }
});

test('W8: a service that waits for its enrolment is healthy but not ready, and says what it waits for', async () => {
  const waits = () => {
    throw new Error("waiting for the person's approval");
  };
  const app = healthRoutes({ healthz: { database: async () => {} }, readyz: { enrolment: waits } });
  const health = await app.request('/healthz');
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', checks: { database: 'ok' } }]);
  const ready = await app.request('/readyz');
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'failing', checks: { database: 'ok', enrolment: "waiting for the person's approval" } },
  ]);
});

test('a service whose storage fails is neither', async () => {
  const app = healthRoutes({ healthz: { database: () => Promise.reject(new Error('no answer')) } });
  for (const path of ['/healthz', '/readyz']) {
    const { status, headers } = await app.request(path);
    expect([status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([503, '1', 'no-store']);
  }
});

test('a check that does not answer fails after two seconds', async () => {
  vi.useFakeTimers();
  const app = healthRoutes({ healthz: { database: () => new Promise(() => {}) } });
  const response = app.request('/healthz');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await (await response).json()).toMatchObject({ checks: { database: 'no answer within 2000 ms' } });
});
