import { createJktJwt, hwkSignatureKey, jktJwtSignatureKey } from '@aauth-stack/aauth/signatures';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProvider, type TestAgentProvider } from '../testing/agent-provider.ts';
import { type SignedRequestOptions, send, type WireRequest } from '../testing/client.ts';
import { forge } from '../testing/forge.ts';
import { newKey } from '../testing/issuer.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
/** Pinned, and its metadata names another issuer. */
let liar: TestAgentProvider;
/** Pinned, and its keys cannot be fetched. */
let silent: TestAgentProvider;
/** Not pinned. */
let stranger: TestAgentProvider;

beforeAll(async () => {
  const now = () => proxy.clock.now;
  [liar, silent, stranger] = await Promise.all([
    startAgentProvider('liar', now),
    startAgentProvider('silent', now),
    startAgentProvider('stranger', now),
  ]);
  liar.metadata({ issuer: stranger.issuer });
  silent.metadata({ jwks_uri: `${silent.issuer}/nothing-here` });
  proxy = await startProxy({
    resources: (text) =>
      text.replaceAll(
        /^( *)- issuer: \$\{AGENT_PROVIDER_URL.*$/gm,
        `$&\n$1- issuer: ${liar.issuer}\n$1- issuer: ${silent.issuer}`,
      ),
  });
});

afterAll(async () => {
  await Promise.all([proxy.close(), liar.close(), silent.close(), stranger.close()]);
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

interface Row {
  readonly name: string;
  readonly request: () => Promise<WireRequest>;
  readonly code: string;
  readonly status?: number;
  /** Headers beside `signature-error: error=<code>`. */
  readonly headers?: Readonly<Record<string, string | RegExp>>;
  readonly result?: 'challenged' | 'error';
}

/** A signed request, with headers changed afterwards. */
async function altered(
  change: (request: WireRequest) => Partial<WireRequest>,
  options: Partial<SignedRequestOptions> = {},
) {
  const request = await proxy.signed(options);
  return { ...request, ...change(request) };
}

async function withHeaders(change: (headers: Record<string, string>) => Record<string, string>) {
  return altered(({ headers }) => ({ headers: { ...headers, ...change({ ...headers }) } }));
}

async function withToken(token: (original: string) => Promise<string> | string, key = proxy.agent.key) {
  return proxy.signed({ token: await token(proxy.agent.token), key });
}

const card = '/agent/authenticatedExtendedCard';

const rows: Row[] = [
  {
    name: 'unsigned',
    request: () => altered(() => ({ headers: { host: proxy.authority, 'content-type': 'application/json' } })),
    code: 'invalid_signature',
    result: 'challenged',
  },
  {
    name: 'signed with another key than the token names',
    request: async () => proxy.signed({ key: await newKey() }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered method',
    request: () => altered(() => ({ method: 'DELETE' }), { method: 'GET', target: card, body: '' }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered path',
    request: () => altered(() => ({ target: card }), { target: '/' }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered query',
    request: () => altered(() => ({ target: '/?page=2' }), { target: '/?page=1' }),
    code: 'invalid_signature',
  },
  {
    name: 'query added',
    request: () => altered(() => ({ target: '/?page=2' })),
    code: 'invalid_signature',
  },
  {
    name: 'tampered body',
    request: () => altered(({ body }) => ({ body: body.replace('send', 'test') })),
    code: 'invalid_signature',
  },
  {
    name: 'body removed',
    request: () => altered(() => ({ body: '' })),
    code: 'invalid_signature',
  },
  {
    name: 'tampered content type',
    request: () => withHeaders(() => ({ 'content-type': 'text/plain' })),
    code: 'invalid_signature',
  },
  {
    name: 'signed for the other agent',
    request: () =>
      altered(({ headers }) => ({ headers: { ...headers, host: proxy.authority } }), {
        authority: proxy.authority.replace('supply-chain', 'market-analysis'),
      }),
    code: 'invalid_signature',
  },
  {
    name: 'created too long ago',
    request: () => proxy.signed({ created: proxy.clock.now - 61 }),
    code: 'invalid_signature',
  },
  {
    name: 'created ahead of our clock',
    request: () => proxy.signed({ created: proxy.clock.now + 61 }),
    code: 'clock_skew',
  },
  {
    name: 'signature expired',
    request: () => proxy.signed({ created: proxy.clock.now - 10, expires: proxy.clock.now - 1 }),
    code: 'invalid_signature',
  },
  {
    name: '@query not covered',
    request: () => proxy.signed({ components: [] }),
    code: 'invalid_input',
    headers: { 'signature-error': /^error=invalid_input, required_input=\(.*"@query".*\)$/ },
  },
  {
    name: 'body not covered',
    request: () => proxy.signed({ coverBody: false }),
    code: 'invalid_input',
    headers: { 'signature-error': /^error=invalid_input, required_input=\(.*"content-digest".*\)$/ },
  },
  {
    name: 'unknown scheme',
    request: () =>
      withHeaders(({ 'signature-key': value }) => ({ 'signature-key': (value ?? '').replace('=jwt', '=x509') })),
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'scheme that this resource does not list (hwk)',
    request: () => proxy.signed({ signatureKey: hwkSignatureKey(proxy.agent.key.publicJwk) }),
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'scheme of enrolment (jkt-jwt)',
    request: async () => {
      const ephemeralKey = proxy.agent.key.publicJwk;
      const jwt = await createJktJwt({ stableKey: await newKey(), ephemeralKey, now: () => proxy.clock.now });
      return proxy.signed({ signatureKey: jktJwtSignatureKey(jwt) });
    },
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'two labels, none of them sig',
    request: () =>
      withHeaders((headers) => {
        const twice = (name: string) => {
          const value = (headers[name] ?? '').slice('sig='.length);
          return { [name]: `a=${value}, b=${value}` };
        };
        return { ...twice('signature'), ...twice('signature-input'), ...twice('signature-key') };
      }),
    code: 'invalid_input',
  },
  {
    name: 'repeated label',
    request: () => withHeaders(({ 'signature-key': value }) => ({ 'signature-key': `${value}, ${value}` })),
    code: 'invalid_signature',
  },
  {
    name: 'malformed structured field',
    request: () => withHeaders(() => ({ 'signature-input': 'sig=("@method"' })),
    code: 'invalid_signature',
  },
  {
    name: 'W18: created missing',
    request: () =>
      withHeaders(({ 'signature-input': value }) => ({ 'signature-input': (value ?? '').replace(/;created=\d+/, '') })),
    code: 'invalid_signature',
  },
  {
    name: 'token expired',
    request: () =>
      withToken((token) =>
        forge(token, { claims: { exp: proxy.clock.now, iat: proxy.clock.now - 60 } }, proxy.provider.key),
      ),
    code: 'expired_jwt',
  },
  {
    name: 'W18: token without exp',
    request: () => withToken((token) => forge(token, { claims: { exp: undefined } }, proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'token of the wrong typ',
    request: () => withToken((token) => forge(token, { header: { typ: 'aa-auth+jwt' } }, proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'token signed with a key that its issuer does not publish',
    request: async () => {
      const key = await newKey();
      return withToken((token) => forge(token, {}, key));
    },
    code: 'invalid_jwt',
  },
  {
    name: 'token of an issuer that is not pinned',
    request: async () => proxy.signed(await stranger.agent()),
    code: 'invalid_jwt',
  },
  {
    name: 'token with alg none',
    request: () => withToken((token) => forge(token, { header: { alg: 'none' } }, proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'W20: token with the polymorphic alg EdDSA',
    request: () => withToken((token) => forge(token, { header: { alg: 'EdDSA' } }, proxy.provider.key)),
    code: 'unsupported_algorithm',
    headers: { 'accept-signature-alg': 'Ed25519, ES256' },
  },
  {
    name: 'token with alg HS256',
    request: () => withToken((token) => forge(token, { header: { alg: 'HS256' } }, proxy.provider.key)),
    code: 'unsupported_algorithm',
    headers: { 'accept-signature-alg': 'Ed25519, ES256' },
  },
  {
    name: 'token whose cnf is another key',
    request: async () => {
      const { publicJwk: jwk } = await newKey();
      return withToken((token) => forge(token, { claims: { cnf: { jwk } } }, proxy.provider.key));
    },
    code: 'invalid_signature',
  },
  {
    name: 'metadata with another issuer',
    request: async () => proxy.signed(await liar.agent()),
    code: 'issuer_mismatch',
  },
  {
    name: 'JWKS unreachable',
    request: async () => proxy.signed(await silent.agent()),
    code: 'temporarily_unavailable',
    status: 503,
    headers: { 'retry-after': /^\d+$/ },
  },
];

describe('a request that is accepted, with one thing altered', () => {
  test.each(rows)('$name', async ({ request, code, status = 401, headers = {}, result = 'error' }) => {
    expect(await send(proxy.port, await proxy.signed())).toMatchObject({ status: 200, text: '{"ok":true}' });
    const reached = proxy.backend.count();
    const decided = proxy.checks().length;
    proxy.clock.now += 1;

    const answer = await send(proxy.port, await request());

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status, error: code, detail: expect.any(String) });
    if (status === 401) {
      expect(JSON.parse(answer.text).type).toBe(`urn:ietf:params:sig-error:${code}`);
      expect(answer.headers['aauth-requirement']).toBe('requirement=agent-token');
      expect(answer.headers['signature-error']).toMatch(new RegExp(`^error=${code}(,|$)`));
    } else {
      expect(answer.headers['signature-error']).toBeUndefined();
    }
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name]).toMatch(value);
    const [line, ...others] = proxy.checks().slice(decided);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      resource_id: 'supply-chain-agent',
      level: 'none',
      result,
      reason: code,
      latency_ms: expect.any(Number),
    });
    expect(proxy.backend.count()).toBe(reached);
  });
});
