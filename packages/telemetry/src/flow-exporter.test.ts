import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { startService, type TestService } from '../test/start-service.ts';

const services: TestService[] = [];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
  for (const server of servers.splice(0)) server.close();
});

async function start(environment: Record<string, string>, args: string[] = []): Promise<TestService> {
  const service = await startService({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', ...environment }, args);
  services.push(service);
  return service;
}

interface Delivered {
  name: string;
  kind: number;
  spanId: string;
  endTimeUnixNano: string;
}

/** Takes what is delivered. */
async function receive() {
  const spans: Delivered[] = [];
  const authorizations = new Set<string | undefined>();
  const arrived = new EventTarget();
  const server = createServer(async (request, response) => {
    authorizations.add(request.headers.authorization);
    for (const { scopeSpans } of JSON.parse(await text(request)).resourceSpans) {
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.setHeader('content-type', 'application/json').end('{}');
    arrived.dispatchEvent(new Event('spans'));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/otlp/v1/traces`,
    spans,
    authorizations,
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) await once(arrived, 'spans');
    },
  };
}

const isOpen = ({ endTimeUnixNano }: Delivered) => endTimeUnixNano === '0';
const server = 2;

test('an exchange is told when it starts and again when it ends, with the secret', async () => {
  const receiver = await receive();
  const held = createServer(() => {}).listen(0, '127.0.0.1');
  servers.push(held);
  await once(held, 'listening');
  const address = held.address();
  const next = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const environment = { AAUTH_FLOW_EXPORTER_URL: receiver.url, AAUTH_FLOW_SECRET: 'secret-of-the-stack' };
  const service = await start(environment, [next, 'undici']);
  const waiting = fetch(`${service.url}/runs/1`, { method: 'POST' });
  // The next service holds its answer, so the exchange with this one is still open when it is told.
  await receiver.until(() => receiver.spans.some((span) => span.kind === server && isOpen(span)));
  const open = receiver.spans.find((span) => span.kind === server);
  expect(receiver.spans.some((span) => span.spanId === open?.spanId && !isOpen(span))).toBe(false);
  held.closeAllConnections();
  expect((await waiting).status).toBe(500);
  await receiver.until(() => receiver.spans.some((span) => span.spanId === open?.spanId && !isOpen(span)));
  expect([...receiver.authorizations]).toEqual(['Bearer secret-of-the-stack']);
});

test('with nobody listening a service works as ever, and says so in one line', async () => {
  const receiver = await receive();
  servers.splice(0).map((one) => one.close());
  const service = await start({ AAUTH_FLOW_EXPORTER_URL: receiver.url });
  const started = performance.now();
  expect((await fetch(`${service.url}/runs/1`, { method: 'POST' })).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(10_000);
  const [outcome] = (await service.stop()).split(' ');
  expect(outcome).toBe('lost');
  const lines = service
    .errors()
    .split('\n')
    .filter((line) => line.includes('AAUTH_FLOW_EXPORTER_URL'));
  expect(lines).toEqual([
    `telemetry: nobody takes spans at ${receiver.url} (AAUTH_FLOW_EXPORTER_URL); the flow view misses them, everything else works.`,
  ]);
});

test('a setting that is no URL is told, and nothing is sent', async () => {
  const service = await start({ AAUTH_FLOW_EXPORTER_URL: 'nowhere' });
  expect((await fetch(`${service.url}/runs/1`, { method: 'POST' })).status).toBe(200);
  expect(service.errors()).toContain('AAUTH_FLOW_EXPORTER_URL is not a URL: "nowhere"');
});

test('where spans are received, that is not traced', async () => {
  const receiver = await receive();
  const service = await start({ AAUTH_FLOW_EXPORTER_URL: receiver.url });
  await fetch(`${service.url}/otlp/v1/traces`, { method: 'POST' });
  await fetch(`${service.url}/runs/1`, { method: 'POST' });
  await service.stop();
  expect(new Set(receiver.spans.map(({ name }) => name))).toEqual(new Set(['POST', 'aauth.verify', 'POST /runs/:id']));
  expect(receiver.spans.filter((span) => span.kind === server && !isOpen(span))).toHaveLength(1);
});
