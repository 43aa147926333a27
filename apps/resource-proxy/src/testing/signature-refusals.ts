import { createJktJwt, hwkSignatureKey, jktJwtSignatureKey } from '@aauth-stack/aauth/signatures';
import type { TestAgentProvider } from './agent-provider.ts';
import type { SignedRequestOptions, WireRequest } from './client.ts';
import { forge } from './forge.ts';
import { newKey } from './issuer.ts';
import type { TestProxy } from './proxy.ts';

/** Who takes part in the refusals. */
export interface Cast {
  readonly proxy: TestProxy;
  /** Pinned, and its metadata names another issuer. */
  readonly liar: TestAgentProvider;
  /** Pinned, and its keys cannot be fetched. */
  readonly silent: TestAgentProvider;
  /** Not pinned. */
  readonly stranger: TestAgentProvider;
}

/** A request that is refused. */
export interface Refusal {
  readonly name: string;
  readonly request: (cast: Cast) => Promise<WireRequest>;
  readonly code: string;
  readonly status?: number;
  /** Headers beside `signature-error: error=<code>`. */
  readonly headers?: Readonly<Record<string, string | RegExp>>;
  readonly result?: 'challenged' | 'error';
}

/** A signed request, with headers changed afterwards. */
async function altered(
  { proxy }: Cast,
  change: (request: WireRequest) => Partial<WireRequest>,
  options: Partial<SignedRequestOptions> = {},
) {
  const request = await proxy.signed(options);
  return { ...request, ...change(request) };
}

async function withHeaders(cast: Cast, change: (headers: Record<string, string>) => Record<string, string>) {
  return altered(cast, ({ headers }) => ({ headers: { ...headers, ...change({ ...headers }) } }));
}

async function withToken({ proxy }: Cast, token: (original: string) => Promise<string> | string) {
  const { key } = proxy.agent;
  return proxy.signed({ token: await token(proxy.agent.token), key });
}

const card = '/agent/authenticatedExtendedCard';

export const signatureRefusals: readonly Refusal[] = [
  {
    name: 'unsigned',
    request: (cast) =>
      altered(cast, () => ({ headers: { host: cast.proxy.authority, 'content-type': 'application/json' } })),
    code: 'invalid_signature',
    result: 'challenged',
  },
  {
    name: 'signed with another key than the token names',
    request: async (cast) => cast.proxy.signed({ key: await newKey() }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered method',
    request: (cast) => altered(cast, () => ({ method: 'DELETE' }), { method: 'GET', target: card, body: '' }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered path',
    request: (cast) => altered(cast, () => ({ target: card }), { target: '/' }),
    code: 'invalid_signature',
  },
  {
    name: 'tampered query',
    request: (cast) => altered(cast, () => ({ target: '/?page=2' }), { target: '/?page=1' }),
    code: 'invalid_signature',
  },
  {
    name: 'query added',
    request: (cast) => altered(cast, () => ({ target: '/?page=2' })),
    code: 'invalid_signature',
  },
  {
    name: 'tampered body',
    request: (cast) => altered(cast, ({ body }) => ({ body: body.replace('send', 'test') })),
    code: 'invalid_signature',
  },
  {
    name: 'body removed',
    request: (cast) => altered(cast, () => ({ body: '' })),
    code: 'invalid_signature',
  },
  {
    name: 'tampered content type',
    request: (cast) => withHeaders(cast, () => ({ 'content-type': 'text/plain' })),
    code: 'invalid_signature',
  },
  {
    name: 'signed for the other agent',
    request: (cast) =>
      altered(cast, ({ headers }) => ({ headers: { ...headers, host: cast.proxy.authority } }), {
        authority: cast.proxy.authority.replace('supply-chain', 'market-analysis'),
      }),
    code: 'invalid_signature',
  },
  {
    name: 'created too long ago',
    request: (cast) => cast.proxy.signed({ created: cast.proxy.clock.now - 61 }),
    code: 'invalid_signature',
  },
  {
    name: 'created ahead of our clock',
    request: (cast) => cast.proxy.signed({ created: cast.proxy.clock.now + 61 }),
    code: 'clock_skew',
  },
  {
    name: 'signature expired',
    request: (cast) => cast.proxy.signed({ created: cast.proxy.clock.now - 10, expires: cast.proxy.clock.now - 1 }),
    code: 'invalid_signature',
  },
  {
    name: '@query not covered',
    request: (cast) => cast.proxy.signed({ components: [] }),
    code: 'invalid_input',
    headers: { 'signature-error': /^error=invalid_input, required_input=\(.*"@query".*\)$/ },
  },
  {
    name: 'body not covered',
    request: (cast) => cast.proxy.signed({ coverBody: false }),
    code: 'invalid_input',
    headers: { 'signature-error': /^error=invalid_input, required_input=\(.*"content-digest".*\)$/ },
  },
  {
    name: 'unknown scheme',
    request: (cast) =>
      withHeaders(cast, ({ 'signature-key': value }) => ({ 'signature-key': (value ?? '').replace('=jwt', '=x509') })),
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'scheme that this resource does not list (hwk)',
    request: (cast) => cast.proxy.signed({ signatureKey: hwkSignatureKey(cast.proxy.agent.key.publicJwk) }),
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'scheme of enrolment (jkt-jwt)',
    request: async (cast) => {
      const ephemeralKey = cast.proxy.agent.key.publicJwk;
      const jwt = await createJktJwt({ stableKey: await newKey(), ephemeralKey, now: () => cast.proxy.clock.now });
      return cast.proxy.signed({ signatureKey: jktJwtSignatureKey(jwt) });
    },
    code: 'unsupported_scheme',
    headers: { 'accept-signature-scheme': 'jwt' },
  },
  {
    name: 'two labels, none of them sig',
    request: (cast) =>
      withHeaders(cast, (headers) => {
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
    request: (cast) => withHeaders(cast, ({ 'signature-key': value }) => ({ 'signature-key': `${value}, ${value}` })),
    code: 'invalid_signature',
  },
  {
    name: 'malformed structured field',
    request: (cast) => withHeaders(cast, () => ({ 'signature-input': 'sig=("@method"' })),
    code: 'invalid_signature',
  },
  {
    name: 'W18: created missing',
    request: (cast) =>
      withHeaders(cast, ({ 'signature-input': value }) => ({
        'signature-input': (value ?? '').replace(/;created=\d+/, ''),
      })),
    code: 'invalid_signature',
  },
  {
    name: 'token expired',
    request: (cast) =>
      withToken(cast, (token) =>
        forge(
          token,
          { claims: { exp: cast.proxy.clock.now, iat: cast.proxy.clock.now - 60 } },
          cast.proxy.provider.key,
        ),
      ),
    code: 'expired_jwt',
  },
  {
    name: 'W18: token without exp',
    request: (cast) =>
      withToken(cast, (token) => forge(token, { claims: { exp: undefined } }, cast.proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'token of the wrong typ',
    request: (cast) =>
      withToken(cast, (token) => forge(token, { header: { typ: 'aa-auth+jwt' } }, cast.proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'token signed with a key that its issuer does not publish',
    request: async (cast) => {
      const key = await newKey();
      return withToken(cast, (token) => forge(token, {}, key));
    },
    code: 'invalid_jwt',
  },
  {
    name: 'token of an issuer that is not pinned',
    request: async (cast) => cast.proxy.signed(await cast.stranger.agent()),
    code: 'invalid_jwt',
  },
  {
    name: 'token with alg none',
    request: (cast) => withToken(cast, (token) => forge(token, { header: { alg: 'none' } }, cast.proxy.provider.key)),
    code: 'invalid_jwt',
  },
  {
    name: 'W20: token with the polymorphic alg EdDSA',
    request: (cast) => withToken(cast, (token) => forge(token, { header: { alg: 'EdDSA' } }, cast.proxy.provider.key)),
    code: 'unsupported_algorithm',
    headers: { 'accept-signature-alg': 'Ed25519, ES256' },
  },
  {
    name: 'token with alg HS256',
    request: (cast) => withToken(cast, (token) => forge(token, { header: { alg: 'HS256' } }, cast.proxy.provider.key)),
    code: 'unsupported_algorithm',
    headers: { 'accept-signature-alg': 'Ed25519, ES256' },
  },
  {
    name: 'token whose cnf is another key',
    request: async (cast) => {
      const { publicJwk: jwk } = await newKey();
      return withToken(cast, (token) => forge(token, { claims: { cnf: { jwk } } }, cast.proxy.provider.key));
    },
    code: 'invalid_signature',
  },
  {
    name: 'metadata with another issuer',
    request: async (cast) => cast.proxy.signed(await cast.liar.agent()),
    code: 'issuer_mismatch',
  },
  {
    name: 'JWKS unreachable',
    request: async (cast) => cast.proxy.signed(await cast.silent.agent()),
    code: 'temporarily_unavailable',
    status: 503,
    headers: { 'retry-after': /^\d+$/ },
  },
];
