import dns from 'node:dns';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { createHttpFetch, type HttpFetchOptions } from './fetch.ts';

function createFetch(options?: HttpFetchOptions) {
  const fetch = createHttpFetch(options);
  onTestFinished(fetch.close);
  return fetch;
}

const echo = ({ body }: { body: Uint8Array<ArrayBuffer> }) => new Response(body);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('createHttpFetch', () => {
  it.each(['localhost', 'agent-provider.localhost', 'A.B.LocalHost', 'agent.localhost.'])(
    'reaches %s on loopback, whatever the resolver knows',
    async (host) => {
      const server = await startServer(({ headers }) => Response.json({ host: headers.get('host') }));
      const response = await createFetch()(`http://${host}:${server.port}/`);
      expect(await response.json()).toEqual({ host: `${host.toLowerCase()}:${server.port}` });
    },
  );

  it('tries ::1 when nothing listens on 127.0.0.1', async (context) => {
    const server = await startServer(() => new Response('six'), { host: '::1' }).catch(() => undefined);
    if (!server) return context.skip('this machine has no IPv6 loopback');
    expect(await (await createFetch()(`http://agent.localhost:${server.port}/`)).text()).toBe('six');
  });

  it('asks the resolver for other names, and for these only in DNS mode', async () => {
    const server = await startServer(echo);
    const resolver = vi.spyOn(dns, 'lookup');
    const url = `http://agent.localhost:${server.port}/`;
    expect((await createFetch()(url)).status).toBe(200);
    expect(resolver).not.toHaveBeenCalled();
    await failure(createFetch({ localhostDns: true })(url));
    expect(resolver).toHaveBeenLastCalledWith('agent.localhost', expect.anything(), expect.anything());
    const error = await failure(createFetch()('http://nowhere.invalid/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: { syscall: 'getaddrinfo', hostname: 'nowhere.invalid' } });
  });

  it('rejects with a TypeError when nobody listens', async () => {
    const server = await startServer(echo);
    await server.close();
    const error = await failure(createFetch()(`${server.origin}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('rejects with a TypeError when the headers do not come in time', async () => {
    const held = Promise.withResolvers<Response>();
    onTestFinished(() => held.resolve(new Response()));
    const server = await startServer(() => held.promise);
    const error = await failure(createFetch({ headersTimeout: 0.05 })(`${server.origin}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } });
  });

  it('streams a body as it comes', async () => {
    const rest = Promise.withResolvers<void>();
    const server = createServer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      await rest.promise;
      response.end('data: 2\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { body } = await createFetch()(`http://stream.localhost:${port}/`);
    const chunks: string[] = [];
    for await (const chunk of body ?? []) {
      chunks.push(new TextDecoder().decode(chunk));
      rest.resolve();
    }
    expect(chunks).toEqual(['data: 1\n\n', 'data: 2\n\n']);
  });

  it('takes Node’s own Request and FormData', async () => {
    const fetch = createFetch();
    const server = await startServer(echo);
    const request = new Request(`${server.origin}/a?b=1`, { method: 'PUT', body: 'text', headers: { 'x-own': '1' } });
    expect(await (await fetch(request)).text()).toBe('text');
    const form = new FormData();
    form.set('field', 'value');
    expect(await (await fetch(server.origin, { method: 'POST', body: form })).text()).toContain('name="field"');
    const [first, second] = server.received;
    expect(first).toMatchObject({ method: 'PUT', target: '/a?b=1' });
    expect(first?.headers.get('x-own')).toBe('1');
    expect(second?.headers.get('content-type')).toMatch(/^multipart\/form-data; boundary=/);
  });

  it('stops at the signal', async () => {
    const held = Promise.withResolvers<Response>();
    onTestFinished(() => held.resolve(new Response()));
    const arrived = Promise.withResolvers<void>();
    const server = await startServer(() => {
      arrived.resolve();
      return held.promise;
    });
    const controller = new AbortController();
    const outcome = failure(createFetch()(server.origin, { signal: controller.signal }));
    await arrived.promise;
    controller.abort('enough');
    expect(await outcome).toBe('enough');
  });

  it('refuses to work once it is closed', async () => {
    const server = await startServer(echo);
    const fetch = createHttpFetch();
    expect((await fetch(server.origin)).status).toBe(200);
    await fetch.close();
    expect(await failure(fetch(server.origin))).toBeInstanceOf(TypeError);
  });
});
