import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { startServer } from '../../test/support/http-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { createHttpFetch } from '../node/fetch.ts';
import { nodeKeys } from '../node/keys.ts';
import { createResource } from '../resource/index.ts';
import { createServerFetch } from './server-fetch.ts';

/** An agent provider that signs as a server, to another server on a real socket. */
async function setUp() {
  const { clock, web, discovery, issuer, issuerKey } = await createTestParties();
  const resource = createResource({
    discovery,
    identifiers: { allowLoopback: true },
    keys: nodeKeys,
    now: clock.now,
    schemes: ['jwks_uri'],
    requireBodyCoverage: true,
  });
  const server = await startServer(async ({ method, target, headers, body }) => {
    const { pathname: path, search: query } = new URL(target, server.origin);
    const message = { method, authority: headers.get('host') ?? '', path, query, headers };
    const verdict = await resource.verify(message, body);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    const { principal } = verdict;
    return Response.json(principal.scheme === 'jwks_uri' ? { server: principal.server, dwk: principal.dwk } : {});
  });
  const fetch = createHttpFetch();
  onTestFinished(fetch.close);
  const options = { fetch, identifier: issuer, dwk: 'aauth-agent.json', now: clock.now } as const;
  return { clock, web, issuer, issuerKey, server, options };
}

describe('a server fetch', () => {
  it('signs as the server, body covered', async () => {
    const { issuer, issuerKey, server, options } = await setUp();
    const serverFetch = createServerFetch({ ...options, key: issuerKey });
    const body = JSON.stringify({ event: 'registration.created', id: '1' });
    const response = await serverFetch(`${server.origin}/events`, { method: 'POST', body });
    expect(await response.json()).toEqual({ server: issuer, dwk: 'aauth-agent.json' });
    const headers = server.received[0]?.headers;
    expect(headers?.get('signature-key')).toBe(`sig=jwks_uri;id="${issuer}";dwk="aauth-agent.json";kid="ap-1"`);
    expect(headers?.get('signature-input')).toContain(
      '("@method" "@authority" "@path" "signature-key" "content-type" "content-digest")',
    );
  });

  it('covers the query where there is one, and only there', async () => {
    const { issuerKey, server, options } = await setUp();
    const serverFetch = createServerFetch({ ...options, key: issuerKey });
    for (const target of ['/bindings', '/bindings?since=1']) {
      expect((await serverFetch(`${server.origin}${target}`)).status).toBe(200);
    }
    const covered = server.received.map(({ headers }) => headers.get('signature-input')?.includes('"@query"'));
    expect(covered).toEqual([false, true]);
  });

  it('takes the key of the moment where keys rotate', async () => {
    const { clock, web, issuer, issuerKey, server, options } = await setUp();
    const keys = [issuerKey, await createKey('ap-2')];
    const serverFetch = createServerFetch({ ...options, key: () => keys[0] ?? issuerKey });
    expect((await serverFetch(server.origin)).status).toBe(200);
    keys.shift();
    web.publishIssuer(
      issuer,
      'aauth-agent.json',
      keys.map(({ publicJwk }) => publicJwk),
    );
    clock.advance(3600);
    expect((await serverFetch(server.origin)).status).toBe(200);
    expect(server.received.map(({ headers }) => /kid="(.*)"/.exec(headers.get('signature-key') ?? '')?.[1])).toEqual([
      'ap-1',
      'ap-2',
    ]);
  });

  it('is refused with a key that the server does not publish', async () => {
    const { server, options } = await setUp();
    const response = await createServerFetch({ ...options, key: await createKey('ap-1') })(server.origin);
    expect(response.status).toBe(401);
    expect(response.headers.get('signature-error')).toBe('error=invalid_signature');
  });

  it('needs a key with a name', async () => {
    const { server, options } = await setUp();
    const key = await createKey();
    expect(() => createServerFetch({ ...options, key })).toThrow(TypeError);
    await expect(createServerFetch({ ...options, key: () => key })(server.origin)).rejects.toThrow('kid');
    expect(server.received).toHaveLength(0);
  });
});
