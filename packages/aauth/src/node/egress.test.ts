import type { RequestListener } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { startServer } from '../../test/support/server.ts';
import { UnavailableError } from '../errors.ts';
import { createEgressFetch, type EgressFetchOptions } from './egress.ts';

const json = { accept: 'application/json' };

async function setUp(listener: RequestListener, options: Partial<EgressFetchOptions> = {}) {
  const received: string[] = [];
  const { port } = await startServer((req, res) => {
    received.push(`${req.headers.host}${req.url}`);
    if (req.url === '/ok') res.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    else listener(req, res);
  });
  const fetch = createEgressFetch({ allowLoopback: true, ...options });
  const at = (path: string, host = 'ap.localhost') => new URL(`http://${host}:${port}${path}`);
  // Each refusal starts from a server that was just reached.
  expect((await fetch(at('/ok'), json)).status).toBe(200);
  received.length = 0;
  return { fetch, at, port, received };
}

async function refusal(fetched: Promise<unknown>): Promise<{ reason: string; error: UnavailableError }> {
  const error = await fetched.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UnavailableError)) throw new Error('It was fetched.', { cause: error });
  return { error, reason: String(error.cause) };
}

describe('egress fetch', () => {
  it('reads status, headers and body of any answer', async () => {
    const { fetch, at } = await setUp((_, res) => res.writeHead(404, { 'x-y': ['1', '2'] }).end('gone'));
    const response = await fetch(at('/x'), json);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-y')).toBe('1, 2');
    expect(new TextDecoder().decode(response.body)).toBe('gone');
  });

  it('resolves localhost and *.localhost to loopback without asking a resolver', async () => {
    const lookup = vi.fn(() => Promise.reject(new Error('asked')));
    const { fetch, at } = await setUp(() => undefined, { lookup });
    for (const host of ['localhost', 'ap.localhost', 'a.b.localhost', '127.0.0.1']) {
      expect((await fetch(at('/ok', host), json)).status).toBe(200);
    }
    expect(lookup).not.toHaveBeenCalled();
  });

  it('asks DNS for them where compose aliases are to be used', async () => {
    const lookup = vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]);
    const { fetch, at } = await setUp(() => undefined, { lookup, localhostDns: true });
    expect((await fetch(at('/ok'), json)).status).toBe(200);
    expect(lookup).toHaveBeenCalledWith('ap.localhost');
    lookup.mockResolvedValue([{ address: '169.254.169.254', family: 4 }]);
    expect((await refusal(fetch(at('/ok'), json))).reason).toContain('not local');
  });

  it('W19: reaches nothing on loopback where that is not allowed', async () => {
    const { at, received } = await setUp(() => undefined);
    const production = createEgressFetch({ allowLoopback: false });
    for (const host of ['localhost', 'ap.localhost', '127.0.0.1']) {
      expect((await refusal(production(at('/ok', host), json))).reason).toContain('loopback');
    }
    expect(received).toEqual([]);
  });

  it('W19: connects to no private address that a public name leads to, and does not say so to the peer', async () => {
    const { at, port, received } = await setUp(() => undefined);
    const lookup = vi.fn(async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const fetch = createEgressFetch({ allowLoopback: true, lookup });
    const { error, reason } = await refusal(fetch(new URL(`https://ap.example:${port}/ok`), json));
    expect(reason).toContain('ap.example leads to 127.0.0.1, which is not a public address');
    expect(error.message).toBe(`https://ap.example:${port}/ok cannot be fetched from here.`);
    expect(lookup).toHaveBeenCalledTimes(1);
    await refusal(fetch(at('/ok', 'ap.example'), json));
    expect(received).toEqual([]);
  });

  it('W19: resolves a name once for a connection and connects to what was checked', async () => {
    const { port } = await setUp(() => undefined);
    const answers = [[{ address: '127.0.0.1', family: 4 }], [{ address: '10.0.0.1', family: 4 }]];
    const lookup = vi.fn(async () => answers.shift() ?? []);
    const fetch = createEgressFetch({ allowLoopback: false, allowPrivate: ['127.0.0.0/8'], lookup });
    const { reason } = await refusal(fetch(new URL(`https://ap.example:${port}/ok`), json));
    expect(lookup).toHaveBeenCalledTimes(1);
    // The plain HTTP server was reached and does not speak TLS: the checked address is the one connected to.
    expect(reason).not.toContain('Refused');
    const rebound = await refusal(fetch(new URL(`https://ap.example:${port}/ok`), json));
    expect(rebound.reason).toContain('10.0.0.1');
  });

  it('follows redirects on the same host, three of them', async () => {
    const { fetch, at } = await setUp((req, res) => {
      const left = Number(req.url?.slice(1));
      res.writeHead(302, { location: left > 1 ? `/${left - 1}` : '/ok' }).end();
    });
    expect((await fetch(at('/3'), json)).status).toBe(200);
    expect((await refusal(fetch(at('/4'), json))).reason).toContain('more than 3 redirects');
  });

  it.each([
    ['another host', (port: number) => `http://other.localhost:${port}/ok`],
    ['another port', () => 'http://ap.localhost:1/ok'],
    ['another scheme', (port: number) => `https://ap.localhost:${port}/ok`],
    ['nowhere', () => 'http://'],
  ])('W19: follows no redirect to %s', async (_, target) => {
    let location = '/ok';
    const { fetch, at, port, received } = await setUp((_req, res) => res.writeHead(307, { location }).end());
    expect((await fetch(at('/'), json)).status).toBe(200);
    received.length = 0;
    location = target(port);
    expect((await refusal(fetch(at('/'), json))).reason).toContain('redirect');
    expect(received).toHaveLength(1);
  });

  it('reads no more than the cap, announced or not', async () => {
    let length = 1000;
    const { fetch, at } = await setUp(
      (req, res) => {
        res.setHeader('content-type', 'application/json');
        if (req.url === '/chunked') res.write('x');
        res.end('x'.repeat(req.url === '/chunked' ? length - 1 : length));
      },
      { maxBytes: 1000 },
    );
    for (const path of ['/announced', '/chunked']) {
      length = 1000;
      expect((await fetch(at(path), json)).body).toHaveLength(1000);
      length = 1001;
      expect((await refusal(fetch(at(path), json))).reason).toContain('longer than 1000 bytes');
    }
  });

  it('waits no longer than allowed, for headers or for a body that drips', async () => {
    const { fetch, at } = await setUp(
      (req, res) => {
        if (req.url === '/silent') return;
        res.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => res.write(' '), 20);
        res.on('close', () => clearInterval(drip));
      },
      { timeoutMs: 250 },
    );
    for (const path of ['/silent', '/drip']) {
      const started = performance.now();
      expect((await refusal(fetch(at(path), json))).reason).toContain('TimeoutError');
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });

  it('stops when the caller does', async () => {
    const { fetch, at } = await setUp(() => undefined);
    const abort = new AbortController();
    const fetched = fetch(at('/silent'), { ...json, signal: abort.signal });
    abort.abort();
    expect((await refusal(fetched)).reason).toContain('AbortError');
  });

  it.each([
    ['HTML', { 'content-type': 'text/html' }],
    ['no type', {}],
    ['compressed content', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('refuses %s where JSON was asked for', async (_, headers) => {
    const { fetch, at } = await setUp((_req, res) => res.writeHead(200, headers).end('{}'));
    expect((await refusal(fetch(at('/x'), json))).reason).toContain('content-');
  });

  it('reports a closed port as unavailable', async () => {
    const { fetch } = await setUp(() => undefined);
    const { error, reason } = await refusal(fetch(new URL('http://ap.localhost:1/x'), json));
    expect(error).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(reason).not.toContain('Refused');
  });
});
