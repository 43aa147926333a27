import { captureLog } from '@aauth-stack/service/testing';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { createCheckClient } from '../testing/ext-authz-client.ts';
import { type ExtAuthzServerOptions, serveExtAuthz } from './server.ts';
import type { CheckResponse } from './wire/check-response.ts';

const allowed: CheckResponse = { allowed: true, headers: {}, headersToRemove: [], metadata: {} };
const message = { attributes: { request: { http: { method: 'GET', path: '/' } } } };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(options: Partial<ExtAuthzServerOptions> = {}) {
  const { log, lines } = captureLog();
  const server = await serveExtAuthz({
    check: async () => allowed,
    hostname: '127.0.0.1',
    port: 0,
    timeout: 30_000,
    concurrency: 10,
    log,
    ...options,
  });
  stops.push(() => server.close());
  const gateway = createCheckClient(server.port);
  stops.push(() => gateway.close());
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  stops.push(() => client.close());
  return { server, gateway, client, lines };
}

/** A check that waits until it is let go. */
function held() {
  const { promise, resolve } = Promise.withResolvers<CheckResponse>();
  let started = 0;
  return {
    check: () => {
      started++;
      return promise;
    },
    release: () => resolve(allowed),
    started: () => started,
  };
}

const identity = (bytes: Buffer) => bytes;

function callHealth(client: Client, service: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const request = Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
  const answer = (error: ServiceError | null, bytes?: Buffer) => (bytes ? resolve(bytes) : reject(error));
  client.makeUnaryRequest('/grpc.health.v1.Health/Check', identity, identity, request, new Metadata(), answer);
  return promise;
}

const serving = Buffer.from([0x08, 1]);

test.each(['', 'envoy.service.auth.v3.Authorization'])('gRPC’s health service answers for "%s"', async (service) => {
  const { client } = await start();
  expect(await callHealth(client, service)).toEqual(serving);
  await expect(callHealth(client, 'another.Service')).rejects.toMatchObject({ code: 5 });
});

test('the health service says when this process cannot do its work, and when it can again', async () => {
  let isDown = true;
  const database = () => {
    if (isDown) throw new Error('gone');
  };
  const { client } = await start({ checks: { database }, healthIntervalMs: 20 });
  await expect.poll(() => callHealth(client, '')).toEqual(Buffer.from([0x08, 2]));
  isDown = false;
  await expect.poll(() => callHealth(client, '')).toEqual(serving);
});

test.each(['v1', 'v1alpha'])('reflection (%s) names the service, and has its messages', async (version) => {
  const { client } = await start();
  const ask = async (field: number, text: string): Promise<string> => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const call = client.makeBidiStreamRequest(path, identity, identity);
    call.write(Buffer.concat([Buffer.from([(field << 3) | 2, text.length]), Buffer.from(text)]));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    call.on('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    call.on('error', reject);
    const answer = await promise;
    call.end();
    return answer;
  };
  expect(await ask(7, '*')).toContain('envoy.service.auth.v3.Authorization');
  expect(await ask(4, 'envoy.service.auth.v3.CheckRequest')).toContain('denied_response');
});

test('a check that takes too long is answered while the gateway still waits, and says when to come again', async () => {
  const slow = held();
  const { gateway, lines } = await start({ check: slow.check });
  const answer = await gateway.check(message, { deadline: 3_000 });
  expect(answer).toMatchObject({
    code: 14,
    denied: {
      status: 503,
      headers: { 'retry-after': '5' },
      text: expect.stringContaining('"error":"temporarily_unavailable"'),
    },
  });
  expect(answer.denied?.headers).not.toHaveProperty('signature-error');
  expect(lines().at(-1)).toMatchObject({ timeout_ms: expect.any(Number) });
  slow.release();
});

test('our own limit counts where the gateway has none, or a longer one', async () => {
  const slow = held();
  const { gateway } = await start({ check: slow.check, timeout: 200 });
  expect(await gateway.check(message)).toMatchObject({ code: 14, denied: { status: 503 } });
  slow.release();
});

test('what comes beyond the limit of checks under way is told to come again, and the others are served', async () => {
  const slow = held();
  const { gateway } = await start({ check: slow.check, concurrency: 2 });
  const others = [1, 2].map(() => gateway.check(message));
  await expect.poll(slow.started).toBe(2);
  expect(await gateway.check(message)).toMatchObject({ denied: { status: 503, headers: { 'retry-after': '1' } } });
  expect(slow.started()).toBe(2);
  slow.release();
  expect(await Promise.all(others)).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(await gateway.check(message)).toMatchObject({ code: 0 });
});

test('stopping lets checks under way finish, and takes no new ones', async () => {
  const slow = held();
  const { server, gateway } = await start({ check: slow.check });
  const underWay = gateway.check(message);
  await expect.poll(slow.started).toBe(1);
  const closed = server.close();
  const late = createCheckClient(server.port);
  await expect(late.check(message, { deadline: 5_000 })).rejects.toMatchObject({ code: 14 });
  late.close();
  slow.release();
  expect(await underWay).toMatchObject({ code: 0 });
  await closed;
  expect(slow.started()).toBe(1);
});

test('what does not end in time is cut', async () => {
  const slow = held();
  const { server, gateway, lines } = await start({ check: slow.check, drainMs: 100 });
  const underWay = expect(gateway.check(message)).rejects.toMatchObject({ code: expect.any(Number) });
  await expect.poll(slow.started).toBe(1);
  await server.close();
  await underWay;
  expect(lines().at(-1)).toMatchObject({ drainMs: 100 });
  slow.release();
});

test('a port that is taken: who has it', async () => {
  const { server } = await start();
  await expect(start({ port: server.port })).rejects.toThrow(
    new RegExp(`port ${server.port} on 127\\.0\\.0\\.1 is taken by .*; stop it or set another port`),
  );
});

test('a check that fails is INTERNAL, and its reason stays in the log', async () => {
  const { gateway, lines } = await start({
    check: async () => {
      throw new Error('a secret');
    },
  });
  await expect(gateway.check(message)).rejects.toMatchObject({
    code: 13,
    details: expect.not.stringContaining('secret'),
  });
  expect(lines().at(-1)).toMatchObject({ msg: 'a check failed' });
});
