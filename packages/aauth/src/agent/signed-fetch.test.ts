import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { type Answer, type Received, startServer } from '../../test/support/http-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { PeerError, SignatureError, type SignatureErrorCode, UnavailableError } from '../errors.ts';
import { createHttpFetch } from '../node/index.ts';
import { nodeKeys } from '../node/keys.ts';
import { problemResponse } from '../problem.ts';
import { createResource, type ResourceOptions } from '../resource/index.ts';
import { type CredentialRequest, createSignedFetch, type SignedFetchOptions } from './signed-fetch.ts';
import { SigningError } from './signing-error.ts';
import type { SigningStep } from './steps.ts';

interface SetUpOptions {
  readonly resource?: Partial<ResourceOptions>;
  readonly agent?: Partial<SignedFetchOptions>;
  /** Seconds that the resource's clock is behind the agent's. */
  readonly behind?: number;
}

/** An agent with a token, and a resource on a real socket that verifies what it sends. */
async function setUp({ behind = 0, ...options }: SetUpOptions = {}) {
  const parties = await createTestParties();
  const { clock, discovery, agentKey } = parties;
  const resource = createResource({
    discovery,
    identifiers: { allowLoopback: true },
    keys: nodeKeys,
    now: () => clock.now() - behind,
    additionalComponents: ['@query', 'content-type', 'content-digest'],
    requireBodyCoverage: true,
    ...options.resource,
  });
  const verify: Answer = async ({ method, target, headers, body }) => {
    const [path = '', query] = target.split('?');
    const authority = headers.get('host') ?? '';
    const message = { method, authority, path, query: query === undefined ? '' : `?${query}`, headers };
    const verdict = await resource.verify(message, body);
    if (verdict.ok) return Response.json({ agent: verdict.principal.level, body: new TextDecoder().decode(body) });
    const { status, headers: fields, body: problem } = verdict.response;
    const date = new Date((clock.now() - behind) * 1000).toUTCString();
    return new Response(problem, { status, headers: { ...fields, date } });
  };
  // What answers instead of the resource, for one request each.
  const instead: Answer[] = [];
  const server = await startServer((request) => (instead.shift() ?? verify)(request));
  const http = createHttpFetch();
  onTestFinished(http.close);
  const steps: SigningStep[] = [];
  const requests: (CredentialRequest | undefined)[] = [];
  const tokens = [await parties.token()];
  const signedFetch = createSignedFetch({
    fetch: http,
    now: clock.now,
    onStep: (step) => steps.push(step),
    credentials: async (request) => {
      requests.push(request);
      if (request?.refused && tokens.length > 1) tokens.shift();
      return { token: tokens[0] ?? '', key: agentKey };
    },
    ...options.agent,
  });
  return { ...parties, server, instead, verify, http, steps, requests, tokens, signedFetch };
}

const refuse =
  (code: SignatureErrorCode, options: { requiredInput?: string[]; headers?: Record<string, string> } = {}): Answer =>
  () =>
    problemResponse(new SignatureError(code, 'Refused by the test.', options), options.headers);

const signatureInput = ({ headers }: Received) => headers.get('signature-input') ?? '';
const createdOf = (request: Received | undefined): number =>
  Number(/;created=(\d+)/.exec(request ? signatureInput(request) : '')?.[1]);
const presented = ({ headers }: Received) => /jwt="([^"]+)"/.exec(headers.get('signature-key') ?? '')?.[1];

describe('a signed fetch', () => {
  it('remembers what a server wants covered, for requests that have it', async () => {
    const { signedFetch, server, steps } = await setUp({ agent: { additionalComponentsFor: () => [] } });
    const post: RequestInit = { method: 'POST', body: 'text' };
    for (const init of [post, post, undefined])
      expect((await signedFetch(`${server.origin}/?a=1`, init)).status).toBe(200);
    expect(steps.map(({ type }) => type)).toEqual(['signed', 'refused', 'retried', 'signed', 'signed', 'signed']);
    expect(server.received.map((request) => signatureInput(request).includes('"@query"'))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(server.received.map((request) => signatureInput(request).includes('content-digest'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('signs requests so that a resource which requires query and body to be covered accepts them', async () => {
    const { signedFetch, server } = await setUp();
    const url = `http://agent.localhost:${server.port}/tasks/a%20b?limit=3&x=`;
    const get = await signedFetch(url);
    expect(await get.json()).toEqual({ agent: 'identified', body: '' });
    const post = await signedFetch(url, { method: 'POST', body: JSON.stringify({ text: 'ünï' }) });
    expect(await post.json()).toEqual({ agent: 'identified', body: '{"text":"ünï"}' });
    const [first, second] = server.received.map(signatureInput);
    expect(first).toMatch(/^sig=\("@method" "@authority" "@path" "signature-key" "@query"\);created=\d+$/);
    expect(second).toMatch(/"@query" "content-type" "content-digest"\);created=\d+$/);
  });

  it.each<[string, RequestInit]>([
    ['no query and an empty body', { method: 'POST', body: '' }],
    ['a form', { method: 'POST', body: new URLSearchParams({ a: '1' }) }],
    ['bytes without a type', { method: 'PUT', body: new Uint8Array([1, 2, 3]), headers: { 'content-type': 'a/b' } }],
    [
      'a stream',
      {
        method: 'POST',
        body: new Blob(['streamed'], { type: 'text/plain' }).stream(),
        headers: { 'content-type': 'text/plain' },
      },
    ],
    [
      'a multipart form',
      {
        method: 'POST',
        body: (() => {
          const form = new FormData();
          form.set('file', new Blob(['x']), 'x.txt');
          return form;
        })(),
      },
    ],
    ['authorization', { headers: { authorization: 'AAuth abc' } }],
  ])('signs a request with %s', async (_, init) => {
    const { signedFetch, server, steps } = await setUp();
    expect((await signedFetch(server.origin, init)).status).toBe(200);
    expect(steps.map(({ type }) => type)).toEqual(['signed']);
  });

  it('takes a Request and a URL like fetch', async () => {
    const { signedFetch, server } = await setUp();
    const request = new Request(server.origin, { method: 'POST', body: 'text', headers: { 'x-own': '1' } });
    expect(await (await signedFetch(request)).json()).toMatchObject({ body: 'text' });
    expect(server.received[0]?.headers.get('x-own')).toBe('1');
    expect((await signedFetch(new URL('/a', server.origin), { method: 'DELETE' })).status).toBe(200);
  });

  it('returns what is no signature refusal as it is, a 401 with another reason included', async () => {
    const { signedFetch, server, instead, requests } = await setUp();
    for (const response of [
      new Response('no', { status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } }),
      new Response('no', { status: 401, headers: { 'signature-error': 'error="expired_jwt"' } }),
      new Response('no', { status: 401, headers: { 'signature-error': 'error=expired_jwt, error=expired_jwt' } }),
      new Response('no', { status: 401, headers: { 'signature-error': '((' } }),
      new Response('no', { status: 403, headers: { 'signature-error': 'error=expired_jwt' } }),
      new Response('no', { status: 503 }),
    ]) {
      instead.push(() => response.clone());
      const returned = await signedFetch(server.origin);
      expect(returned.status).toBe(response.status);
      expect(await returned.text()).toBe('no');
    }
    expect(server.received).toHaveLength(6);
    expect(requests).toEqual(Array.from({ length: 6 }, () => ({ refused: undefined })));
  });

  it.each(['unsupported_algorithm', 'invalid_signature', 'unknown_key', 'something_new'])(
    'surfaces %s without another attempt',
    async (code) => {
      const { signedFetch, server, instead, steps } = await setUp();
      const headers = { 'signature-error': `error=${code}`, 'accept-signature-alg': 'ES256' };
      instead.push(() => new Response(null, { status: 401, headers }));
      expect((await signedFetch(server.origin)).status).toBe(401);
      expect(server.received).toHaveLength(1);
      const algorithms = code === 'unsupported_algorithm' ? { acceptedAlgorithms: 'ES256' } : {};
      expect(steps[1]).toEqual({
        type: 'refused',
        method: 'GET',
        url: `${server.origin}/`,
        attempt: 1,
        code,
        ...algorithms,
      });
    },
  );

  it('tells each step, without a token or a signature in it', async () => {
    const { signedFetch, server, instead, steps, tokens } = await setUp();
    instead.push(refuse('invalid_input', { requiredInput: ['@method', 'accept'] }));
    await signedFetch(`${server.origin}/a?b`, { headers: { accept: 'a/b' } });
    const step = { method: 'GET', url: `${server.origin}/a?b`, scheme: 'jwt' };
    expect(steps).toEqual([
      { ...step, type: 'signed', attempt: 1, signatureInput: server.received.map(signatureInput)[0] },
      { ...step, scheme: undefined, type: 'refused', attempt: 1, code: 'invalid_input' },
      { ...step, scheme: undefined, type: 'retried', attempt: 1, because: 'invalid_input' },
      { ...step, type: 'signed', attempt: 2, signatureInput: server.received.map(signatureInput)[1] },
    ]);
    expect(JSON.stringify(steps)).not.toContain(tokens[0]);
  });
});

describe('after invalid_input, a signed fetch', () => {
  it('signs once more with what is required, and the resource accepts it', async () => {
    const { signedFetch, server } = await setUp({
      resource: { additionalComponents: ['@query', 'x-tenant'] },
      agent: { additionalComponentsFor: () => [] },
    });
    const response = await signedFetch(`${server.origin}/?a=1`, { headers: { 'x-tenant': 't1' } });
    expect(response.status).toBe(200);
    expect(server.received.map(signatureInput)).toEqual([
      expect.stringMatching(/^sig=\("@method" "@authority" "@path" "signature-key"\)/),
      expect.stringMatching(/^sig=\("@method" "@authority" "@path" "signature-key" "@query" "x-tenant"\)/),
    ]);
  });

  it('sends the same body again', async () => {
    const { signedFetch, server, instead } = await setUp();
    instead.push(refuse('invalid_input', { requiredInput: ['accept'] }));
    const response = await signedFetch(server.origin, { method: 'POST', body: 'once', headers: { accept: 'a/b' } });
    expect(await response.json()).toMatchObject({ body: 'once' });
    const [first, second] = server.received;
    expect(second?.body).toEqual(first?.body);
  });

  it.each<[string, string]>([
    ['a header the request does not have', '("@method" "x-missing")'],
    ['a component it cannot cover', '("@method" "@status")'],
    ['a component with parameters', '("accept" "x-other";sf)'],
    ['nothing that was missing', '("@method" "@authority" "@path" "@query" "signature-key")'],
    ['what only a body has', '("content-type" "content-digest")'],
    ['nothing', '()'],
    ['no list', '1'],
  ])('returns the refusal that requires %s', async (_, list) => {
    const { signedFetch, server, instead } = await setUp();
    const headers = { 'signature-error': `error=invalid_input, required_input=${list}` };
    instead.push(() => new Response('no', { status: 401, headers }));
    const response = await signedFetch(server.origin, { headers: { accept: 'a/b' } });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('no');
    expect(server.received).toHaveLength(1);
  });

  it('never loops', async () => {
    const { signedFetch, server, instead } = await setUp();
    instead.push(
      refuse('invalid_input', { requiredInput: ['accept'] }),
      refuse('invalid_input', { requiredInput: ['x-a'] }),
    );
    const response = await signedFetch(server.origin, { headers: { accept: 'a/b', 'x-a': '1' } });
    expect(response.status).toBe(401);
    expect(server.received).toHaveLength(2);
  });
});

describe('after expired_jwt, a signed fetch', () => {
  it('asks for another token and presents it once', async () => {
    const { signedFetch, server, instead, tokens, requests, token } = await setUp();
    const [old] = tokens;
    tokens.push(await token({ claims: { jti: 'new' } }));
    instead.push(refuse('expired_jwt'));
    const response = await signedFetch(server.origin, { method: 'POST', body: 'once' });
    expect(await response.json()).toMatchObject({ body: 'once' });
    expect(server.received.map(presented)).toEqual([old, tokens[0]]);
    expect(requests).toEqual([{ refused: undefined }, { refused: { token: old, code: 'expired_jwt' } }]);
  });

  it('returns the refusal when there is no other token, or the other one is refused too', async () => {
    const { signedFetch, server, instead, tokens, token } = await setUp();
    instead.push(refuse('expired_jwt'));
    expect((await signedFetch(server.origin)).status).toBe(401);
    expect(server.received).toHaveLength(1);
    tokens.push(await token({ claims: { jti: 'new' } }));
    instead.push(refuse('expired_jwt'), refuse('expired_jwt'));
    expect((await signedFetch(server.origin)).status).toBe(401);
    expect(server.received).toHaveLength(3);
  });

  it('says why there is no other token', async () => {
    const { server, instead, http, clock, tokens, agentKey } = await setUp();
    const signedFetch = createSignedFetch({
      fetch: http,
      now: clock.now,
      credentials: async (request) => {
        if (request?.refused) throw new UnavailableError('The agent provider is down.');
        return { token: tokens[0] ?? '', key: agentKey };
      },
    });
    instead.push(refuse('expired_jwt'));
    await expect(signedFetch(server.origin)).rejects.toThrow('The agent provider is down.');
  });
});

describe('after revoked_jwt, a signed fetch', () => {
  it('presents another token, and the revoked one never again', async () => {
    const { signedFetch, server, instead, tokens, token, requests } = await setUp();
    const [old] = tokens;
    tokens.push(await token({ claims: { jti: 'new' } }));
    instead.push(refuse('revoked_jwt'));
    expect((await signedFetch(server.origin)).status).toBe(200);
    expect(requests[1]).toEqual({ refused: { token: old, code: 'revoked_jwt' } });
    expect((await signedFetch(server.origin)).status).toBe(200);
    expect(server.received.map(presented)).toEqual([old, tokens[0], tokens[0]]);
  });

  it('sends nothing when the revoked token is the only one', async () => {
    const { signedFetch, server, instead } = await setUp();
    instead.push(refuse('revoked_jwt'));
    await expect(signedFetch(server.origin)).rejects.toMatchObject({ code: 'revoked_jwt' });
    await expect(signedFetch(server.origin)).rejects.toBeInstanceOf(PeerError);
    expect(server.received).toHaveLength(1);
  });
});

describe('after clock_skew, a signed fetch', () => {
  const behind = (seconds: number, now: () => number) =>
    refuse('clock_skew', { headers: { date: new Date((now() - seconds) * 1000).toUTCString() } });

  it('signs once more by the clock of the response, and remembers it for that origin', async () => {
    const { signedFetch, server, instead, clock, requests, steps } = await setUp({ resource: { window: 600 } });
    instead.push(behind(300, clock.now));
    expect((await signedFetch(server.origin)).status).toBe(200);
    expect((await signedFetch(server.origin)).status).toBe(200);
    const times = server.received.map((request) => createdOf(request) - clock.now());
    expect(times).toEqual([0, -300, -300]);
    expect(requests.every((request) => request?.refused === undefined)).toBe(true);
    expect(steps.filter(({ type }) => type === 'retried')).toHaveLength(1);
  });

  it('is accepted by a resource whose clock is behind', async () => {
    const { signedFetch, server, tokens, token, clock } = await setUp({ behind: 120 });
    tokens.splice(0, 1, await token({ claims: { iat: clock.now() - 200 } }));
    expect((await signedFetch(server.origin, { method: 'POST', body: 'x' })).status).toBe(200);
    expect((await signedFetch(server.origin, { method: 'POST', body: 'x' })).status).toBe(200);
    expect(server.received).toHaveLength(3);
  });

  it.each<[string, (now: () => number) => Record<string, string>]>([
    ['no usable Date', () => ({ date: 'yesterday' })],
    ['a Date that is not behind', (now) => ({ date: new Date(now() * 1000).toUTCString() })],
    ['a Date ahead', (now) => ({ date: new Date((now() + 300) * 1000).toUTCString() })],
    ['a Date more than 15 minutes behind', (now) => ({ date: new Date((now() - 901) * 1000).toUTCString() })],
  ])('returns a refusal with %s', async (_, headers) => {
    const { signedFetch, server, instead, clock } = await setUp();
    instead.push(refuse('clock_skew', { headers: headers(clock.now) }));
    expect((await signedFetch(server.origin)).status).toBe(401);
    expect(server.received).toHaveLength(1);
  });

  it('never loops', async () => {
    const { signedFetch, server, instead, clock } = await setUp();
    instead.push(behind(100, clock.now), behind(200, clock.now));
    expect((await signedFetch(server.origin)).status).toBe(401);
    expect(server.received).toHaveLength(2);
  });
});

describe('redirects', () => {
  it('are returned, not followed, so that the token stays with the server it is for', async () => {
    const { signedFetch, server, instead } = await setUp();
    const other = await startServer(() => new Response('stolen'));
    for (const location of [`${other.origin}/`, '/same-origin']) {
      instead.push(() => new Response(null, { status: 307, headers: { location } }));
      const response = await signedFetch(server.origin, { method: 'POST', body: 'x' });
      expect(response.status).toBe(307);
      expect(response.headers.get('location')).toBe(location);
    }
    expect(other.received).toHaveLength(0);
    expect(server.received).toHaveLength(2);
  });

  it('are an error when the request says so', async () => {
    const { signedFetch, server, instead } = await setUp();
    instead.push(() => new Response(null, { status: 302, headers: { location: '/' } }));
    await expect(signedFetch(server.origin, { redirect: 'error' })).rejects.toThrow(TypeError);
  });
});

describe('W11: a request that cannot be signed', () => {
  it('is not sent, and the reason is thrown', async () => {
    const reason = new Error('the key store is locked');
    const { http, clock, server, tokens } = await setUp();
    const key = await createKey();
    const sign = () => Promise.reject(reason);
    const credentials = async () => ({ token: tokens[0] ?? '', key: { ...key, sign } });
    const signedFetch = createSignedFetch({ fetch: http, now: clock.now, credentials });
    const error = await signedFetch(`${server.origin}/a?secret=1`).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SigningError);
    expect(error).not.toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: reason, message: expect.stringContaining('the key store is locked') });
    expect(String(error)).not.toContain('secret');
    expect(server.received).toHaveLength(0);
  });

  it.each(['@target-uri', 'x-missing', '@query-param'])('is one that has to cover %s', async (component) => {
    const { signedFetch, server } = await setUp({ agent: { additionalComponentsFor: () => [component] } });
    await expect(signedFetch(server.origin)).rejects.toThrow(SigningError);
    expect(server.received).toHaveLength(0);
  });

  it('is one without credentials', async () => {
    const failure = new UnavailableError('Not enrolled.');
    const { signedFetch, server } = await setUp({ agent: { credentials: () => Promise.reject(failure) } });
    await expect(signedFetch(server.origin)).rejects.toBe(failure);
    expect(server.received).toHaveLength(0);
  });
});

describe('an aborted call', () => {
  const ways: [string, (url: string, signal: AbortSignal) => Parameters<typeof globalThis.fetch>][] = [
    ['init', (url, signal) => [url, { signal }]],
    ['a Request', (url, signal) => [new Request(url, { signal })]],
  ];
  it.each(ways)('ends, with its signal in %s, also after a garbage collection', async (_where, prepare) => {
    const credentials = Promise.withResolvers<never>();
    const { signedFetch, server } = await setUp({ agent: { credentials: () => credentials.promise } });
    const aborting = new AbortController();
    const answer = signedFetch(...prepare(server.origin, aborting.signal));
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    for (let round = 0; round < 3; round += 1) {
      await setTimeout(10);
      collect();
    }
    aborting.abort(new Error('Enough.'));
    await expect(answer).rejects.toThrow('Enough.');
  });
});

describe('repeats', () => {
  it('of a state-changing request bear a later created each, so that none is taken for a replay', async () => {
    const { signedFetch, server, clock } = await setUp();
    const send = (body: string) => signedFetch(server.origin, { method: 'POST', body });
    const responses = await Promise.all([...Array.from({ length: 20 }, () => send('same')), send('other')]);
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 21 }, () => 200));
    const ahead = server.received.map((request) => createdOf(request) - clock.now()).sort((a, b) => a - b);
    expect(ahead).toEqual([0, ...Array.from({ length: 20 }, (_, index) => index)]);
    clock.advance(3);
    expect((await send('same')).status).toBe(200);
    clock.advance(100);
    expect((await send('same')).status).toBe(200);
    expect(createdOf(server.received.at(-1))).toBe(clock.now());
  });

  it('by two processes that share a key are told apart by their nonces', async () => {
    const { signedFetch, server, http, clock, tokens, agentKey } = await setUp();
    const credentials = async () => ({ token: tokens[0] ?? '', key: agentKey });
    const other = (nonce?: () => string) => createSignedFetch({ fetch: http, now: clock.now, credentials, nonce });
    const request: RequestInit = { method: 'POST', body: 'same' };
    expect((await signedFetch(server.origin, request)).status).toBe(200);
    expect((await other()(server.origin, request)).status).toBe(401);
    expect((await other(() => 'one')(server.origin, request)).status).toBe(200);
    expect((await other(() => 'two')(server.origin, request)).status).toBe(200);
    expect((await other(() => 'two')(server.origin, request)).status).toBe(401);
    const inputs = server.received.map(signatureInput);
    expect(inputs[2]).toMatch(/;nonce="one"$/);
  });

  it('wait when they would be dated too far ahead', async () => {
    const waits: number[] = [];
    const sleep = async (seconds: number) => {
      waits.push(seconds);
    };
    const { signedFetch, server } = await setUp({ agent: { sleep }, resource: { window: 60 } });
    for (let index = 0; index < 33; index += 1) {
      expect((await signedFetch(server.origin, { method: 'DELETE' })).status).toBe(200);
    }
    expect(waits).toEqual([1, 2]);
  });

  it('of a reading request do not', async () => {
    const { signedFetch, server, clock } = await setUp();
    for (let index = 0; index < 3; index += 1) expect((await signedFetch(server.origin)).status).toBe(200);
    expect(server.received.map(createdOf)).toEqual([clock.now(), clock.now(), clock.now()]);
  });
});

describe('an aborted request', () => {
  it('does not wait for credentials', async () => {
    const never = new Promise<never>(() => {});
    const { signedFetch, server } = await setUp({ agent: { credentials: () => never } });
    const controller = new AbortController();
    const outcome = signedFetch(server.origin, { signal: controller.signal });
    controller.abort('enough');
    await expect(outcome).rejects.toBe('enough');
    await expect(signedFetch(server.origin, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(server.received).toHaveLength(0);
  });

  it('is aborted on the wire', async () => {
    const { signedFetch, server, instead } = await setUp();
    const held = Promise.withResolvers<Response>();
    onTestFinished(() => held.resolve(new Response()));
    const arrived = Promise.withResolvers<void>();
    instead.push(() => {
      arrived.resolve();
      return held.promise;
    });
    const controller = new AbortController();
    const outcome = signedFetch(server.origin, { signal: controller.signal });
    await arrived.promise;
    controller.abort('enough');
    await expect(outcome).rejects.toBe('enough');
  });
});
