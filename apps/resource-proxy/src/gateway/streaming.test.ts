import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, type WireRequest } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
  proxy.backend.answer();
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
      expect(proxy.backend.received.at(-1)?.body).toBe(big);
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
