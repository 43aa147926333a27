import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { whereTracesGo } from './traces.ts';

async function listeningPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: address.port, close };
}

it('names the UI of Jaeger where something takes spans', async () => {
  const { port, close } = await listeningPort();
  onTestFinished(close);
  expect(await whereTracesGo({}, port)).toBe('http://localhost:16686');
});

it('tells how to start Jaeger where nothing does', async () => {
  const { port, close } = await listeningPort();
  await close();
  expect(await whereTracesGo({}, port)).toContain('scripts/run-jaeger.sh');
});

it('names the collector that the environment names', async () => {
  expect(await whereTracesGo({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' })).toBe(
    'sent to http://collector:4317',
  );
});
