import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CheckClient, checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
let client: CheckClient;

beforeAll(async () => {
  proxy = await startProxy();
  client = createCheckClient(proxy.grpcPort);
});

afterAll(async () => {
  client.close();
  await proxy.close();
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

// Whatever came, the next one is served.
afterEach(async () => {
  proxy.clock.now += 1;
  expect(await client.check(checkMessage(await proxy.signed()))).toMatchObject({ code: 0 });
});

const problem = (error: string) => expect.stringContaining(`"error":"${error}"`);

test.each([
  ['bytes that are no message', Buffer.from([0xff, 0xff, 0xff])],
  ['a message that is cut off', Buffer.from([0x0a, 0x20, 0x22])],
  ['a group without end', Buffer.from([0x0b])],
])('%s: INVALID_ARGUMENT', async (_name, bytes) => {
  await expect(client.checkBytes(bytes)).rejects.toMatchObject({ code: 3 });
  expect(proxy.lines().at(-1)).toMatchObject({ msg: 'not a CheckRequest', reason: expect.any(String) });
});

test.each([
  ['nothing at all', {}],
  ['no request', { attributes: {} }],
  ['no HTTP request', { attributes: { request: {} } }],
  ['no member of the HTTP request', { attributes: { request: { http: {} } } }],
])('%s: refused, and the log says what is missing', async (_name, message) => {
  expect(await client.check(message)).toMatchObject({
    code: 3,
    denied: { status: 400, text: problem('invalid_request') },
  });
  expect(proxy.checks().at(-1)).toMatchObject({ resource_id: 'unknown', result: 'error', reason: 'invalid_request' });
});

test.each([
  ['a resource id that nobody configured', { aauth_resource_id: 'payroll' }, {}, 'aauth_resource_id "payroll"'],
  ['an empty resource id', { aauth_resource_id: '' }, {}, 'aauth_resource_id ""'],
  ['an id that every object has', { aauth_resource_id: '__proto__' }, {}, 'aauth_resource_id "__proto__"'],
  ['a host of nobody', {}, { host: 'payroll.localhost', headers: {} }, 'host payroll.localhost'],
])('%s: 403, without a word on what there is', async (_name, context, http, cause) => {
  const request = { ...(await proxy.signed()), headers: { host: '' } };
  const { host = proxy.authority, ...others }: { host?: string } = http;
  const message = checkMessage(request, { context, http: { host, ...others, headers: {} } });
  const answer = await client.check(message);
  expect(answer).toMatchObject({ code: 7, denied: { status: 403, text: problem('denied') } });
  expect(answer.denied?.text).not.toMatch(/payroll|supply-chain/);
  for (const name of Object.keys(answer.denied?.headers ?? {})) expect(name).not.toMatch(/signature|aauth/);
  expect(proxy.checks().at(-1)).toMatchObject({
    resource_id: 'unknown',
    reason: 'denied',
    cause: `nothing is configured for ${cause}`,
  });
});

test('an id of 1 MiB does not fill the log', async () => {
  const message = checkMessage(await proxy.signed(), { context: { aauth_resource_id: 'x'.repeat(1024 * 1024) } });
  expect(await client.check(message)).toMatchObject({ denied: { status: 403 } });
  expect(JSON.stringify(proxy.lines().at(-1)).length).toBeLessThan(2000);
});

test('a header whose bytes are not UTF-8 is carried, and is no reason to refuse', async () => {
  const { attributes } = checkMessage(await proxy.signed());
  const { headers, ...http } = Object.assign({ headers: {} }, attributes.request.http);
  const lines = Object.entries({ ...headers, 'x-name': 'Jos\u00e9' }).map(([key, value]) => ({
    key,
    raw_value: Buffer.from(value, 'latin1'),
  }));
  const message = { attributes: { request: { http: { ...http, header_map: { headers: lines } } } } };
  expect(await client.check(message)).toMatchObject({ code: 0 });
});

test('headers of 1 MiB: 431', async () => {
  const headers = Object.fromEntries(Array.from({ length: 1024 }, (_, n) => [`x-${n}`, 'y'.repeat(1016)]));
  const message = checkMessage(await proxy.signed({ headers }));
  expect(await client.check(message)).toMatchObject({
    code: 3,
    denied: { status: 431, text: problem('headers_too_large') },
  });
  expect(JSON.stringify(proxy.lines().at(-1)).length).toBeLessThan(2000);
});

test('a message above 4 MiB: RESOURCE_EXHAUSTED', async () => {
  const message = checkMessage(await proxy.signed(), { http: { raw_body: Buffer.alloc(4 * 1024 * 1024) } });
  await expect(client.check(message)).rejects.toMatchObject({ code: 8 });
});

test('a client that says that its body was cut off does not get past the comparison', async () => {
  const request = await proxy.signed({ headers: { 'x-envoy-auth-partial-body': 'true' } });
  const tampered = { ...request, body: request.body.replace('send', 'test') };
  for (const size of [0, tampered.body.length]) {
    const message = checkMessage(tampered, { http: { size } });
    expect(await client.check(message)).toMatchObject({ code: 16, denied: { text: problem('invalid_signature') } });
  }
});

test('a body that the gateway keeps: the service is told that nobody has compared it', async () => {
  const kept = checkMessage(await proxy.signed(), { http: { raw_body: Buffer.alloc(0) } });
  const answer = await client.check(kept);
  expect(answer).toMatchObject({ code: 0, allowed: { headers: { 'x-aauth-body': 'unverified' } } });
  expect(answer.allowed?.headersToRemove).not.toContain('x-aauth-body');
  proxy.clock.now += 1;
  const sent = await client.check(checkMessage(await proxy.signed({ headers: { 'x-aauth-body': 'verified' } })));
  expect(sent.allowed?.headers).not.toHaveProperty('x-aauth-body');
  expect(sent.allowed?.headersToRemove).toContain('x-aauth-body');
});
