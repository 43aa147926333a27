/**
 * A service of the test: prints the port it listens on, and answers after it called the next one, whose URL is the first
 * argument, with the global or undici's fetch as the second says.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { fetch as undiciFetch } from 'undici';
import { setHttpRoute, shutdownTelemetry, verificationAttributes, withRequestId, withSpan } from '../src/index.ts';

const [next, kind] = process.argv.slice(2);
const fetchNext = kind === 'global' ? fetch : undiciFetch;

const app = new Hono();
app.get('/healthz', (c) => c.text('ok'));
app.post('/runs/:id', async (c) => {
  setHttpRoute('/runs/:id');
  const token = c.req.header('signature-key') ?? '';
  await withSpan('aauth.verify', verificationAttributes({ result: 'verified', scheme: 'jwt', base: token }), () => {});
  const headers = { 'signature-key': token };
  const work = () =>
    next ? fetchNext(`${next}/runs/2?code=ABCD-1234&page=3`, { method: 'POST', headers }) : undefined;
  await (c.req.query('request_id') ? withRequestId(c.req.query('request_id') ?? '', work) : work());
  return c.text('done');
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`${port}\n`);
});

process.once('SIGTERM', async () => {
  server.close();
  const started = performance.now();
  const sent = await shutdownTelemetry();
  process.stdout.write(`${sent ? 'sent' : 'lost'} ${Math.round(performance.now() - started)}\n`);
  process.exit(0);
});
