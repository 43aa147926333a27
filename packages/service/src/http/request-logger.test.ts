import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { captureLog } from '../testing/capture-log.ts';
import { healthRoutes, requestLogger } from './index.ts';

function createApp() {
  const { log, lines } = captureLog();
  const app = new Hono()
    .use(requestLogger(log))
    .get('/pending/:id', (c) => c.text('there', 202))
    .get('/broken', () => {
      throw new Error('broken');
    })
    .route('/', healthRoutes({}))
    .onError((_error, c) => c.text('failed', 500));
  return { app, lines };
}

test('logs one line a request with method, path without query, status and time', async () => {
  const { app, lines } = createApp();
  await app.request('/pending/7?code=ABCD-1234');
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'info',
      method: 'GET',
      path: '/pending/7',
      status: 202,
      ms: expect.any(Number),
      msg: 'GET /pending/7 202',
    }),
  ]);
  expect(JSON.stringify(lines())).not.toContain('ABCD');
});

test('a failure of the server is logged as an error, an unknown route is not', async () => {
  const { app, lines } = createApp();
  await app.request('/broken');
  await app.request('/unknown');
  expect(lines().map(({ level, status }) => [level, status])).toEqual([
    ['error', 500],
    ['info', 404],
  ]);
});

test('health checks are not logged', async () => {
  const { app, lines } = createApp();
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/readyz')).status).toBe(200);
  expect(lines()).toEqual([]);
});
