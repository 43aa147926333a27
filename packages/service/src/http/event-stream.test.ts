import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import { captureLog } from '../testing/index.ts';
import { type EventStream, type EventStreamOptions, eventStream } from './event-stream.ts';
import { serve } from './serve.ts';

async function open(produce: (stream: EventStream) => Promise<void>, options: Partial<EventStreamOptions> = {}) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const app = new Hono().get('/', () => eventStream(produce, { onError, ...options }));
  const server = await serve({
    fetch: app.fetch,
    hostname: '127.0.0.1',
    port: 0,
    log: captureLog().log,
    drainMs: 5000,
  });
  onTestFinished(() => server.close());
  const response = await fetch(server.url);
  return { response, errors };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

it('sends each event as it comes, and ends with the one who tells', async () => {
  const { response } = await open(async ({ send }) => {
    send({ event: 'progress', data: { step: 'one\ntwo' }, id: '7' });
    send({ event: 'done', data: null });
  });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  expect(await response.text()).toBe(
    'event: progress\nid: 7\ndata: {"step":"one\\ntwo"}\n\nevent: done\ndata: null\n\n',
  );
});

it('keeps the connection alive while there is nothing to tell', async () => {
  const { response } = await open(({ signal }) => aborted(signal), { heartbeatMs: 10 });
  const reader = response.body?.getReader();
  for (const _ of [1, 2]) expect(new TextDecoder().decode((await reader?.read())?.value)).toContain(': alive\n\n');
  await reader?.cancel();
});

it('tells when the client has gone', async () => {
  const gone = Promise.withResolvers<void>();
  const { response } = await open(async ({ signal, send }) => {
    send({ event: 'hello', data: 1 });
    await aborted(signal);
    send({ event: 'nobody hears', data: 2 });
    gone.resolve();
  });
  await response.body?.cancel();
  await gone.promise;
});

it('ends when the server closes, which then has nothing to cut', async () => {
  const closing = new AbortController();
  const { response } = await open(({ signal }) => aborted(signal), { closing: closing.signal });
  closing.abort();
  expect(await response.text()).toBe('');
});

it('ends when the one who tells fails, and says nothing of it to the client', async () => {
  const { response, errors } = await open(async ({ send }) => {
    send({ event: 'hello', data: 1 });
    throw new Error('the database is gone');
  });
  expect(await response.text()).toBe('event: hello\ndata: 1\n\n');
  expect(errors).toEqual([new Error('the database is gone')]);
});
