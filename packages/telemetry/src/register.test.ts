import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../test/start-service.ts';
import { createOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './testing/index.ts';

const services: TestService[] = [];
const receivers: OtlpReceiver[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
  for (const receiver of receivers.splice(0)) receiver.close();
});

async function start(environment: Record<string, string>, args: string[] = []): Promise<TestService> {
  const service = await startService(environment, args);
  services.push(service);
  return service;
}

async function receive(): Promise<OtlpReceiver> {
  const receiver = await createOtlpReceiver();
  receivers.push(receiver);
  return receiver;
}

function find(spans: readonly ReceivedSpan[], service: string, kind: ReceivedSpan['kind'], name?: string) {
  const span = spans.find((one) => one.service === service && one.kind === kind && (!name || one.name === name));
  if (!span) throw new Error(`no ${kind} span of ${service} among ${JSON.stringify(spans)}`);
  return span;
}

const tokenHeader = Buffer.from(JSON.stringify({ alg: 'Ed25519', typ: 'aa-auth+jwt' })).toString('base64url');
const token = `${tokenHeader}.${'b'.repeat(20)}.${'signature'.repeat(3)}`;

describe.each(['undici', 'global'])('two services that talk over %s fetch', (kind) => {
  test('W13: make one trace with the right parents, and nothing secret is in it', async () => {
    const receiver = await receive();
    const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoint;
    const back = await start({ OTEL_SERVICE_NAME: 'back', OTEL_EXPORTER_OTLP_ENDPOINT });
    const front = await start({ OTEL_SERVICE_NAME: 'front', OTEL_EXPORTER_OTLP_ENDPOINT }, [back.url, kind]);

    const headers = { 'signature-key': `sig=jwt;jwt="${token}"`, signature: 'sig=:c2lnbmF0dXJl:' };
    const response = await fetch(`${front.url}/runs/1?request_id=run-7`, { method: 'POST', headers });
    expect(response.status).toBe(200);
    const spans = await receiver.waitFor((all) => all.length >= 5);

    expect(spans).toHaveLength(5);
    const root = find(spans, 'front', 'server');
    const verification = find(spans, 'front', 'internal', 'aauth.verify');
    const call = find(spans, 'front', 'client');
    const inner = find(spans, 'back', 'server');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root.traceId]));
    expect(root.parentSpanId).toBeUndefined();
    expect(verification.parentSpanId).toBe(root.spanId);
    expect(call.parentSpanId).toBe(root.spanId);
    expect(inner.parentSpanId).toBe(call.spanId);
    expect([root.name, inner.name]).toEqual(['POST /runs/:id', 'POST /runs/:id']);
    expect(root.attributes).toMatchObject({ 'http.route': '/runs/:id', 'http.response.status_code': 200 });

    // request_id was set after the verification, on everything the run caused.
    for (const span of [root, call, inner, find(spans, 'back', 'internal')]) {
      expect(span.attributes).toMatchObject({ request_id: 'run-7' });
    }
    // What the call presents is on its own span.
    expect(call.attributes).toMatchObject({ 'aauth.scheme': 'jwt', 'aauth.token.type': 'aa-auth+jwt' });
    expect(verification.attributes).toMatchObject({
      'aauth.result': 'verified',
      'aauth.scheme': 'jwt',
      'aauth.signature.base': `sig=jwt;jwt="${token.slice(0, token.lastIndexOf('.'))}.…"`,
    });

    const wire = receiver.wire().toString('latin1');
    expect(wire).toContain('page=3');
    for (const secret of ['signaturesignature', 'c2lnbmF0dXJl', 'ABCD-1234']) expect(wire).not.toContain(secret);
  });
});

test('health checks are not traced, and waiting spans are sent when the process stops', async () => {
  const receiver = await receive();
  const service = await start({ OTEL_SERVICE_NAME: 'one', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  await fetch(`${service.url}/healthz?verbose`);
  await fetch(`${service.url}/runs/1`, { method: 'POST' });
  expect(await service.stop()).toMatch(/^sent /);
  expect(receiver.spans().map(({ name }) => name)).toEqual(['aauth.verify', 'POST /runs/:id']);
  expect(service.errors()).toBe('');
});

test('with nobody listening a service works, stops within 1.5 s and says so in one line', async () => {
  const receiver = await receive();
  receiver.close();
  const service = await start({ OTEL_SERVICE_NAME: 'one', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  expect((await fetch(`${service.url}/runs/1`, { method: 'POST' })).status).toBe(200);
  const [outcome, ms] = (await service.stop()).split(' ');
  expect(outcome).toBe('lost');
  expect(Number(ms)).toBeLessThan(1_700);
  const lines = service.errors().trim().split('\n');
  expect(lines).toEqual([
    `telemetry: no OTLP receiver answers at ${receiver.endpoint}; spans are lost, everything else works.`,
  ]);
});

test('a receiver that never answers holds a service up for 1.5 s at most', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const service = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  expect((await fetch(`${service.url}/runs/1`, { method: 'POST' })).status).toBe(200);
  const [outcome, ms] = (await service.stop()).split(' ');
  silent.close();
  expect(outcome).toBe('lost');
  expect(Number(ms)).toBeLessThan(1_800);
  expect(service.errors().trim().split('\n')).toHaveLength(1);
});

test.each([true, false])(
  'a program that ends by itself sends its spans or gives up (listening: %s)',
  async (listening) => {
    const receiver = await receive();
    if (!listening) receiver.close();
    const register = new URL('./register.ts', import.meta.url).href;
    const program = fileURLToPath(new URL('../test/short-program.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', register, program], {
      env: { PATH: process.env.PATH, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
      stdio: 'ignore',
      timeout: 8_000,
    });
    expect(await once(child, 'close')).toEqual([3, null]);
    expect(receiver.spans().map(({ name }) => name)).toEqual(listening ? ['short'] : []);
  },
);

test('OTEL_SDK_DISABLED=true sends nothing and says nothing', async () => {
  const receiver = await receive();
  const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoint;
  const service = await start({ OTEL_SERVICE_NAME: 'one', OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' });
  expect((await fetch(`${service.url}/runs/1`, { method: 'POST' })).status).toBe(200);
  expect(await service.stop()).toMatch(/^sent /);
  expect(receiver.spans()).toEqual([]);
  expect(service.errors()).toBe('');
});
