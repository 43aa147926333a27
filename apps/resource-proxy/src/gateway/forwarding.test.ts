import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { parseForwardedHeaders } from '@aauth-stack/aauth/resource';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, sendRaw, toText, type WireRequest } from '../testing/client.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';
import { freePort, type Received } from '../testing/servers.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
  proxy.backend.answer();
});

const cardRequest = (headers: Record<string, string> = {}): WireRequest => ({
  method: 'GET',
  target: '/.well-known/agent-card.json',
  headers: { host: proxy.authority, ...headers },
  body: '',
});

const last = (): Received => {
  const received = proxy.backend.received.at(-1);
  if (!received) throw new Error('the backend received nothing');
  return received;
};

const fieldsOf = ({ headers }: Received) =>
  new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe('W6: the service learns who calls', () => {
  test('from the headers that the proxy sends under the names that the services read', async () => {
    expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
    expect(last().headers).toMatchObject({
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-agent+jwt',
      'x-aauth-agent': proxy.agent.id,
      'x-aauth-agent-server': proxy.provider.issuer,
      'x-aauth-delegate': proxy.agent.id,
      'x-aauth-jkt': proxy.agent.key.thumbprint,
      'x-aauth-proxy-secret': proxySecret,
    });
    expect(parseForwardedHeaders(fieldsOf(last()), proxySecret)).toMatchObject({
      level: 'identified',
      agent: proxy.agent.id,
      agentServer: proxy.provider.issuer,
    });
  });

  test('and from nobody else: forged headers of a direct call name no one', async () => {
    const forged = {
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-agent': 'aauth:boss@evil.localhost',
    };
    const wrong: Record<string, string>[] = [{}, { 'x-aauth-proxy-secret': 'a-secret-of-the-tests-0123456789abcdeX' }];
    for (const secret of wrong) {
      const direct = { method: 'POST', target: '/', headers: { host: 'localhost', ...forged, ...secret }, body: '{}' };
      expect((await send(proxy.backend.port, direct)).status).toBe(200);
      expect(parseForwardedHeaders(fieldsOf(last()), proxySecret)).toBeUndefined();
    }
  });
});

describe('what only the proxy may say is dropped', () => {
  test.each([
    'x-aauth-agent',
    'X-AAuth-Agent',
    'x_aauth_agent',
    'X-AAUTH_Agent',
    'x-aauth-proxy-secret',
    'X_Aauth_Token',
  ])('%s of a client on a protected route', async (spelling) => {
    const request = await proxy.signed();
    const answer = await sendRaw(proxy.port, toText(request, [`${spelling}: aauth:boss@evil.localhost`]));
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(last().headers['x-aauth-agent']).toBe(proxy.agent.id);
    expect(last().headers['x-aauth-proxy-secret']).toBe(proxySecret);
    expect(JSON.stringify(last().rawHeaders)).not.toContain('evil');
  });

  test('x-aauth-* on a public route, where the proxy sends none', async () => {
    const answer = await sendRaw(
      proxy.port,
      toText(cardRequest(), ['x-aauth-agent: aauth:boss@evil.localhost', 'X_AAuth_Level: authorized']),
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(last().rawHeaders.filter((name) => /^x.aauth/i.test(name))).toEqual([]);
  });

  test('x-forwarded-* and hop-by-hop headers, also those that Connection names', async () => {
    const lines = [
      'X-Forwarded-For: 10.0.0.1',
      'x_forwarded_agent: boss',
      'TE: trailers',
      'X-Hop: 1',
      'Connection: x-hop',
    ];
    expect(await sendRaw(proxy.port, toText(cardRequest({ 'x-stays': 'yes' }), lines))).toMatch(/^HTTP\/1.1 200 /);
    expect(last().headers).toMatchObject({
      host: proxy.authority,
      'x-stays': 'yes',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': proxy.authority,
      'x-forwarded-proto': 'http',
    });
    for (const name of ['te', 'x-hop', 'x_forwarded_agent']) expect(last().headers).not.toHaveProperty(name);
  });

  test('the proxy secret in a response of a service that echoes', async () => {
    proxy.backend.answer((request, response) => {
      request.resume();
      const secret = String(request.headers['x-aauth-proxy-secret']);
      response.writeHead(200, { 'x-aauth-proxy-secret': secret, 'x-other': 'kept' }).end();
    });
    const answer = await send(proxy.port, await proxy.signed());
    expect(answer.headers).toMatchObject({ 'x-other': 'kept' });
    expect(JSON.stringify(answer.headers)).not.toContain(proxySecret);
  });
});

describe('bodies and responses stream', () => {
  /** Opens a request to the proxy without sending its body. */
  function open({ method, target, headers }: WireRequest, extra: Record<string, string> = {}) {
    const request = httpRequest({
      host: '127.0.0.1',
      port: proxy.port,
      method,
      path: target,
      headers: { ...headers, ...extra },
      agent: false,
    });
    request.on('error', () => {});
    return request;
  }

  /** Lets the backend answer by hand. */
  function takeOver(): Promise<Parameters<RequestListener>> {
    return new Promise((resolve) => proxy.backend.answer((request, response) => resolve([request, response])));
  }

  const nextChunk = async (stream: IncomingMessage): Promise<string> => String((await once(stream, 'data'))[0]);

  test('server-sent events pass one by one', async () => {
    const taken = takeOver();
    const signed = await proxy.signed();
    const client = open(signed);
    client.end(signed.body);
    const [request, response] = await taken;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const [answer]: [IncomingMessage] = (await once(client, 'response')) as [IncomingMessage];
    expect(answer.headers['content-type']).toBe('text/event-stream');
    // Each event is read before the next one is written: a proxy that collects them would hang here.
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      response.write(event);
      expect(await nextChunk(answer)).toBe(event);
    }
    response.end();
    await once(answer, 'end');
  });

  test('a request body passes piece by piece where nothing needs it whole', async () => {
    const streaming = await startProxy({
      gateway: (text) =>
        text.replaceAll(/\n +method: GET/g, '').replaceAll('a2a: {}', 'timeout: { requestTimeout: 30s }'),
    });
    try {
      const taken = new Promise<Parameters<RequestListener>>((resolve) =>
        streaming.backend.answer((request, response) => resolve([request, response])),
      );
      const client = httpRequest({
        host: '127.0.0.1',
        port: streaming.port,
        method: 'PUT',
        path: '/.well-known/agent-card.json',
        headers: { host: streaming.authority },
        agent: false,
      });
      client.write('one');
      const [request, response] = await taken;
      expect(await nextChunk(request)).toBe('one');
      client.write('two');
      expect(await nextChunk(request)).toBe('two');
      client.end();
      await once(request, 'end');
      response.end('done');
      const [answer] = (await once(client, 'response')) as [IncomingMessage];
      expect(await nextChunk(answer)).toBe('done');
    } finally {
      await streaming.close();
    }
  });

  test('a client that goes away aborts the request to the service', async () => {
    const taken = takeOver();
    const signed = await proxy.signed();
    const client = open(signed);
    client.end(signed.body);
    const [request, response] = await taken;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const [answer] = (await once(client, 'response')) as [IncomingMessage];
    await nextChunk(answer);
    const gone = once(response, 'close');
    client.destroy();
    await gone;
    expect(response.writableFinished).toBe(false);
  });

  test('a client that goes away before the response aborts too', async () => {
    const taken = takeOver();
    const signed = await proxy.signed();
    const client = open(signed);
    client.end(signed.body);
    const [request, response] = await taken;
    request.resume();
    const gone = once(response, 'close');
    client.destroy();
    await gone;
    expect(response.headersSent).toBe(false);
  });

  test('a service that breaks off does not look like a complete response', async () => {
    const taken = takeOver();
    const signed = await proxy.signed();
    const client = open(signed);
    client.end(signed.body);
    const [request, response] = await taken;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    const [answer] = (await once(client, 'response')) as [IncomingMessage];
    await nextChunk(answer);
    const broken = once(answer, 'error');
    response.destroy();
    const [error] = await broken;
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
  });

  describe('a body of 1.5 MiB', () => {
    const big = JSON.stringify({ jsonrpc: '2.0', method: 'message/send', text: 'x'.repeat(1.5 * 1024 * 1024) });

    const answerWhole: RequestListener = (request, response) => {
      const pieces: Uint8Array[] = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => {
        const { method = '', url = '', headers, rawHeaders } = request;
        proxy.backend.received.push({ method, url, headers, rawHeaders, body: Buffer.concat(pieces).toString() });
        response.end('whole');
      });
    };

    test('with the signed digest arrives', async () => {
      proxy.backend.answer(answerWhole);
      const answer = await send(proxy.port, await proxy.signed({ body: big }));
      expect(answer).toMatchObject({ status: 200, text: 'whole' });
      expect(last().body).toBe(big);
      expect(proxy.checks().at(-1)).toMatchObject({ result: 'allowed' });
    });

    test.each(['last', 'first'])('with its %s byte changed never arrives whole, and is refused', async (which) => {
      proxy.backend.answer(answerWhole);
      const whole = proxy.backend.received.length;
      const request = await proxy.signed({ body: big });
      const body = which === 'last' ? `${big.slice(0, -1)} ` : ` ${big.slice(1)}`;
      const answer = await send(proxy.port, { ...request, body });
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'signature-error': 'error=invalid_signature', 'aauth-requirement': 'requirement=agent-token' },
      });
      expect(proxy.backend.received.length).toBe(whole);
      expect(proxy.checks().at(-1)).toMatchObject({
        result: 'error',
        reason: 'invalid_signature',
        delegate: proxy.agent.id,
      });
    });

    test('with a bad signature is refused before the service sees a byte, and the connection is still good', async () => {
      proxy.backend.answer(answerWhole);
      const reached = proxy.backend.count();
      const request = await proxy.signed({ body: big, created: proxy.clock.now - 100 });
      expect((await send(proxy.port, request)).status).toBe(401);
      expect(proxy.backend.count()).toBe(reached);
    });
  });
});

describe('a service that does not answer', () => {
  let slow: TestProxy;

  afterEach(() => slow.close());

  test('is 502 when it cannot be reached', async () => {
    slow = await startProxy({ environment: { SUPPLY_CHAIN_AGENT_PORT: String(await freePort()) } });
    const answer = await send(slow.port, await slow.signed());
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'upstream_unavailable' });
    expect(answer.text).not.toContain('127.0.0.1');
    expect(slow.lines()).toContainEqual(expect.objectContaining({ level: 'warn', err: expect.anything() }));
  });

  test('is 502 when it hangs up', async () => {
    slow = await startProxy();
    slow.backend.answer((request) => request.socket.destroy());
    const answer = await send(slow.port, await slow.signed());
    expect(answer.status).toBe(502);
  });

  test('is 504 when it takes longer than the route allows', async () => {
    slow = await startProxy({
      gateway: (text) => text.replaceAll('a2a: {}', 'a2a: {}\n              timeout: { requestTimeout: 50ms }'),
    });
    slow.backend.answer((request) => request.resume());
    const answer = await send(slow.port, await slow.signed());
    expect(answer).toMatchObject({ status: 504, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'upstream_timeout' });
  });
});
