import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { captureLog } from '../testing/capture-log.ts';
import { type HttpServer, serve } from './index.ts';

const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function start(app: Hono, options: { drainMs?: number } = {}) {
  const { log, lines } = captureLog();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, ...options });
  servers.push(server);
  return { ...server, lines };
}

test('listens on the port the system chose, and says where', async () => {
  const { url, port, lines } = await start(new Hono().get('/', (c) => c.text('hello')));
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(await (await fetch(url)).text()).toBe('hello');
  expect(lines()).toMatchObject([{ level: 'info', url, msg: `listening on ${url}` }]);
});

test('keeps idle connections longer than clients and balancers do, and says so', async () => {
  const { url } = await start(new Hono().get('/', (c) => c.text('hello')));
  expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=65');
});

test('takes headers of 31 KiB, and answers 431 to 64 KiB', async () => {
  const { url } = await start(new Hono().get('/', (c) => c.text(String(c.req.header('x-large')?.length))));
  const fits = await fetch(url, { headers: { 'x-large': 'a'.repeat(31 * 1024) } });
  expect([fits.status, await fits.text()]).toEqual([200, String(31 * 1024)]);
  const tooLarge = await fetch(url, { headers: { 'x-large': 'a'.repeat(64 * 1024) } });
  expect(tooLarge.status).toBe(431);
});

test('W8: a taken port is named with the process that holds it', async () => {
  const { port } = await start(new Hono());
  const { log } = captureLog();
  const second = serve({ fetch: new Hono().fetch, hostname: '127.0.0.1', port, log });
  const holder = process.platform === 'linux' ? `pid ${process.pid} \\(.*\\)` : 'another process';
  await expect(second).rejects.toThrow(
    new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken by ${holder}; stop it or set another port$`),
  );
  await expect(second).rejects.toMatchObject({ name: 'StartupError' });
});

test('an address that is not this machine is a StartupError that names it', async () => {
  const { log } = captureLog();
  const started = serve({ fetch: new Hono().fetch, hostname: '192.0.2.1', port: 0, log });
  await expect(started).rejects.toThrow('cannot listen on 192.0.2.1, port 0: EADDRNOTAVAIL');
});

test('close lets a request under way finish, refuses new ones and ends kept-alive connections', async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const app = new Hono().get('/slow', async (c) => {
    arrived.resolve();
    await go.promise;
    return c.text('finished');
  });
  const { url, port, close } = await start(app);
  const agent = new Agent({ keepAlive: true });
  const idle = get(url, { agent });
  const [idleResponse] = await once(idle, 'response');
  idleResponse.resume();
  await once(idleResponse, 'end');

  const slow = fetch(`${url}/slow`);
  await arrived.promise;
  const closed = close();
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  go.resolve();
  expect(await (await slow).text()).toBe('finished');
  await closed;
  agent.destroy();
});

test('close cuts what is not finished within its bound, and says so', async () => {
  const arrived = Promise.withResolvers<void>();
  const app = new Hono().get('/endless', () => {
    arrived.resolve();
    return new Promise<Response>(() => {});
  });
  const { url, close, lines } = await start(app, { drainMs: 50 });
  const endless = expect(fetch(`${url}/endless`)).rejects.toThrow('fetch failed');
  await arrived.promise;
  await close();
  await endless;
  expect(lines().at(-1)).toMatchObject({ level: 'warn', msg: 'requests still under way are cut' });
});

test('an aborted request aborts its signal', async () => {
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const app = new Hono().get('/wait', async (c) => {
    c.req.raw.signal.addEventListener('abort', () => aborted.resolve());
    arrived.resolve();
    await aborted.promise;
    return c.text('');
  });
  const { url } = await start(app);
  const client = request(`${url}/wait`).on('error', () => {});
  client.end();
  await arrived.promise;
  client.destroy();
  await aborted.promise;
});
