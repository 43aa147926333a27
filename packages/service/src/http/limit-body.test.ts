import { request } from 'node:http';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { captureLog } from '../testing/capture-log.ts';
import { limitBody, serve } from './index.ts';

async function setUp() {
  const received: { method: string; text: string; type: string | undefined; cloned: string }[] = [];
  const app = new Hono()
    .use(limitBody({ maxBytes: 10, tooLarge: () => new Error('too large') }))
    .all('/', async (c) => {
      const cloned = await c.req.raw.clone().text();
      received.push({ method: c.req.method, text: await c.req.text(), type: c.req.header('content-type'), cloned });
      return c.text('ok');
    })
    .onError((error, c) => c.text(error.message, error.message === 'too large' ? 413 : 500));
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log: captureLog().log });
  onTestFinished(() => server.close());

  const send = (method: string, chunks: readonly string[], headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ port: server.port, host: '127.0.0.1', method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject);
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
    });
  return { app, send, received };
}

test.each([
  ['POST', ['0123456789'], { 'content-length': '10' }],
  ['POST', ['01234', '56789'], { 'transfer-encoding': 'chunked' }],
  ['PUT', ['01234', '56789'], {}],
  ['POST', [], {}],
  ['DELETE', [], {}],
  ['GET', [], {}],
])('lets a %s of %j with %j through, to be read by anybody behind', async (method, chunks, headers) => {
  const { send, received } = await setUp();
  expect(await send(method, chunks, { 'content-type': 'text/plain', ...headers })).toBe(200);
  const text = chunks.join('');
  expect(received).toEqual([{ method, text, type: 'text/plain', cloned: text }]);
});

test.each([
  ['announced', ['01234567890'], { 'content-length': '11' }],
  ['not announced', ['01234', '567890'], { 'transfer-encoding': 'chunked' }],
])('refuses a body that is too long, %s', async (_, chunks, headers) => {
  const { send, received } = await setUp();
  expect(await send('POST', chunks, headers)).toBe(413);
  expect(received).toEqual([]);
});

test('knows no length but that of the body where there is no socket', async () => {
  const { app } = await setUp();
  expect((await app.request('/', { method: 'POST', body: '0123456789' })).status).toBe(200);
  expect((await app.request('/', { method: 'POST', body: '01234567890' })).status).toBe(413);
});
