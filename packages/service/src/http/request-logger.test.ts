import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { captureLog } from '../testing/capture-log.ts';
import { healthRoutes, requestLogger } from './index.ts';

const setHttpRoute = vi.hoisted(() => vi.fn());
vi.mock('@aauth-stack/telemetry', async (original) => ({ ...(await original()), setHttpRoute }));

function createApp() {
  const { log, lines } = captureLog();
  const app = new Hono()
    .use(requestLogger(log, { quiet: ['/spans'] }))
    .post('/spans', (c) => c.json({}, c.req.query('refused') ? 401 : 200))
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

test('requests that come all the time get a line only where they fail, or at debug', async () => {
  const { app, lines } = createApp();
  await app.request('/spans', { method: 'POST' });
  await app.request('/spans?refused=1', { method: 'POST' });
  expect(lines().map(({ level, status }) => [level, status])).toEqual([
    ['debug', 200],
    ['info', 401],
  ]);
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

test('tells the span which route matched, also when a middleware refuses', async () => {
  const { app } = createApp();
  app.use('/person/*', async (c) => c.text('no', 401)).get('/person/bindings/:id', (c) => c.text('yes'));
  setHttpRoute.mockClear();
  expect((await app.request('/pending/7')).status).toBe(202);
  expect((await app.request('/person/bindings/8')).status).toBe(401);
  expect(setHttpRoute.mock.calls).toEqual([['/pending/:id'], ['/person/bindings/:id']]);
});

test('health checks are not logged', async () => {
  const { app, lines } = createApp();
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/readyz')).status).toBe(200);
  expect(lines()).toEqual([]);
});
