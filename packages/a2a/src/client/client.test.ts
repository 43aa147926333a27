import { createServer, type RequestListener } from 'node:http';
import { PeerError, SignatureError, UnavailableError } from '@aauth-stack/aauth/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { agentNamed, forwardedFor, startAgent } from '../../test/agent.ts';
import { A2ACallError } from './call-error.ts';
import { createA2AClient } from './client.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const asAlice: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  for (const [name, value] of Object.entries(forwardedFor('alice'))) request.headers.set(name, value);
  return fetch(request);
};

async function agentUrl(...args: Parameters<typeof startAgent>): Promise<string> {
  const agent = await startAgent(...args);
  closing.push(agent.close);
  return agent.url;
}

/** A peer that answers every request in its own way. */
async function peerUrl(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${address.port}`;
}

async function failureOf(url: string, options: { fetch?: typeof fetch; stream?: boolean } = {}) {
  const client = createA2AClient({ url, fetch: options.fetch ?? asAlice, timeoutMs: 2000 });
  const sent = client.send('hello', options.stream ? { onStatus: () => {} } : {});
  return sent.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('createA2AClient', () => {
  it('returns text and data', async () => {
    const client = createA2AClient({ url: await agentUrl(), fetch: asAlice });
    expect(await client.send('hello')).toEqual({
      text: '# Echo\n\nhello',
      data: { kind: 'echo', text: 'hello', caller: agentNamed('alice') },
    });
  });

  it('streams when somebody wants to know the status, with the same result', async () => {
    const url = await agentUrl(async ({ onStatus }) => {
      onStatus('thinking');
      onStatus('writing');
      return { text: 'done', data: { kind: 'done' } };
    });
    const statuses: string[] = [];
    const client = createA2AClient({ url, fetch: asAlice });
    const reply = await client.send('hello', { onStatus: ({ text }) => statuses.push(text) });
    expect(reply).toEqual({ text: 'done', data: { kind: 'done' } });
    expect(statuses).toEqual(['thinking', 'writing']);
  });

  it('works over a reply without data', async () => {
    const client = createA2AClient({ url: await agentUrl(async () => ({ text: 'only text' })), fetch: asAlice });
    expect(await client.send('hello')).toEqual({ text: 'only text' });
  });

  it('rejects with the reason of the signal that aborts it', async () => {
    const url = await peerUrl(() => {});
    const abort = new AbortController();
    const sent = createA2AClient({ url, fetch: asAlice }).send('hello', { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(sent).rejects.toThrow('no longer wanted');
  });
});

describe.each([
  ['send', false],
  ['stream', true],
])('W9: nothing of a failure is lost (%s)', (_mode, stream) => {
  it.each([401, 403, 503])('a refusal with %i and problem+json carries status, code and detail', async (status) => {
    const url = await peerUrl((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', status, error: 'denied', detail: 'Not today.' }));
    });
    const error = await failureOf(url, { stream });
    expect(error).toBeInstanceOf(A2ACallError);
    expect(error).toMatchObject({ status, code: 'denied', detail: 'Not today.' });
    expect(String(error)).toContain(`HTTP ${status} denied: Not today.`);
  });

  it('an HTTP error of another kind shows its status and text', async () => {
    const url = await peerUrl((_request, response) => response.writeHead(502).end('bad gateway'));
    expect(await failureOf(url, { stream })).toMatchObject({ status: 502, code: 'http_502', detail: 'bad gateway' });
  });

  it('a JSON-RPC error keeps its code and message', async () => {
    const url = await peerUrl((request, response) => {
      request.setEncoding('utf8').on('data', (body) => {
        const { id } = JSON.parse(body);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'No such method.' } }));
      });
    });
    const error = await failureOf(url, { stream });
    expect(error).toMatchObject({ code: 'rpc_-32601', detail: expect.stringContaining('No such method.') });
  });

  it('a failed task says so', async () => {
    const url = await agentUrl(async () => {
      throw new Error('boom');
    });
    expect(await failureOf(url, { stream })).toMatchObject({
      code: 'task_failed',
      detail: 'The agent could not answer. Its log has the reason.',
    });
  });

  it('an answer that is not A2A', async () => {
    const url = await peerUrl((_request, response) => response.end('<html>'));
    expect(await failureOf(url, { stream })).toMatchObject({ code: 'invalid_response' });
  });

  it('a peer that is not there', async () => {
    const agent = await startAgent();
    await agent.close();
    const error = await failureOf(agent.url, { stream });
    expect(error).toMatchObject({ code: 'unreachable', status: undefined });
    expect(String(error)).toContain('ECONNREFUSED');
  });

  it('a peer that does not answer in time', async () => {
    const url = await peerUrl(() => {});
    const client = createA2AClient({ url, fetch: asAlice, timeoutMs: 20 });
    await expect(client.send('hello', stream ? { onStatus: () => {} } : {})).rejects.toMatchObject({ code: 'timeout' });
  });

  it('W11: a fetch that cannot sign', async () => {
    const refusing: typeof fetch = async () => {
      throw new SignatureError('revoked_jwt', 'The agent token is revoked.');
    };
    const error = await failureOf('http://agent.example', { fetch: refusing, stream });
    expect(error).toMatchObject({ code: 'revoked_jwt', detail: 'The agent token is revoked.', status: undefined });
    expect(String(error)).toContain('revoked_jwt: The agent token is revoked.');
  });

  it('a fetch that gets no access: a peer that refused has a status, one that was not reached has none', async () => {
    const failing =
      (error: Error): typeof fetch =>
      async () => {
        throw error;
      };
    const refused = failing(new PeerError('user_unreachable', 403, 'The Person Server at p refused.'));
    expect(String(await failureOf('http://agent.example', { fetch: refused, stream }))).toContain(
      'HTTP 403 user_unreachable: The Person Server at p refused.',
    );
    const unreachable = failing(new UnavailableError('The Person Server at p cannot be reached.'));
    expect(await failureOf('http://agent.example', { fetch: unreachable, stream })).toMatchObject({
      status: undefined,
      message: 'temporarily_unavailable: The Person Server at p cannot be reached.',
    });
  });
});

it('a stream that ends too early is no reply', async () => {
  const url = await peerUrl((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
  });
  expect(await failureOf(url, { stream: true })).toMatchObject({ code: 'interrupted' });
});
