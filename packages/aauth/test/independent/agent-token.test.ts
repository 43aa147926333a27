import {
  type AgentProvider,
  type Changes,
  createKeyPair,
  flipBit,
  getJson,
  type Presentation,
  present,
  read,
  startAgentProvider,
} from '@aauth-stack/by-hand';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestParties } from '../support/agent-provider.ts';
import { type OurResource, startOurResource } from './our-resource.ts';
import { anotherKey } from './public-key.ts';
import { refusal, refusedWith } from './refusals.ts';

let provider: AgentProvider;
let ours: OurResource;

beforeAll(async () => {
  provider = await startAgentProvider();
  ours = await startOurResource('agent-token', { additionalComponents: ['content-type', 'content-digest'] });
  return async () => {
    await ours.close();
    await provider.close();
  };
});

describe('an agent token made by hand', () => {
  const order: Presentation = { method: 'POST', body: '{"item":1}' };
  const call = (token: string, options?: Presentation) =>
    present(`${ours.origin}/orders`, token, provider.agentKey, { ...order, ...options });

  test('lets its agent in', async () => {
    const response = await call(await provider.token());
    expect(response).toMatchObject({ status: 200, text: 'served' });
    expect(ours.admitted.at(-1)).toMatchObject({
      level: 'identified',
      scheme: 'jwt',
      agent: provider.agent,
      agentProvider: provider.issuer,
      jkt: provider.agentKey.thumbprint,
    });
  });

  test.each(['Ed25519', 'ES256'] as const)('may bind a key for %s', async (alg) => {
    const key = await createKeyPair('agent', alg);
    const token = await provider.token({ claims: { cnf: { jwk: key.publicJwk } } });
    expect((await present(`${ours.origin}/orders`, token, key)).status).toBe(200);
  });

  const now = Math.floor(Date.now() / 1000);
  const { alg: _, ...keyWithoutAlg } = anotherKey;
  const altered: [string, Changes, string][] = [
    ['typ of a plain JWT', { header: { typ: 'JWT' } }, 'invalid_jwt'],
    ['typ of a person token', { header: { typ: 'aa-person+jwt' } }, 'invalid_jwt'],
    ['typ absent', { header: { typ: undefined } }, 'invalid_jwt'],
    ['alg none', { header: { alg: 'none' } }, 'invalid_jwt'],
    ['alg polymorphic', { header: { alg: 'EdDSA' } }, 'unsupported_algorithm'],
    ['kid not published', { header: { kid: 'ap-2' } }, 'unknown_key'],
    ['kid absent', { header: { kid: undefined } }, 'invalid_jwt'],
    ['iss absent', { claims: { iss: undefined } }, 'invalid_jwt'],
    ['iss with a path', { claims: { iss: 'https://ap.example/' } }, 'invalid_jwt'],
    ['dwk of a Person Server', { claims: { dwk: 'aauth-person.json' } }, 'invalid_jwt'],
    ['sub of another domain', { claims: { sub: 'aauth:buyer@ap.example' } }, 'invalid_jwt'],
    ['sub that is no agent', { claims: { sub: 'buyer' } }, 'invalid_jwt'],
    ['jti absent', { claims: { jti: undefined } }, 'invalid_jwt'],
    ['iat absent', { claims: { iat: undefined } }, 'invalid_jwt'],
    ['iat ahead', { claims: { iat: now + 300 } }, 'clock_skew'],
    ['exp absent', { claims: { exp: undefined } }, 'invalid_jwt'],
    ['exp as text', { claims: { exp: `${now + 600}` } }, 'invalid_jwt'],
    ['exp past', { claims: { iat: now - 3601, exp: now - 1 } }, 'expired_jwt'],
    ['a lifetime above a day', { claims: { iat: now, exp: now + 86_401 } }, 'invalid_jwt'],
    ['ps that is no server', { claims: { ps: 'ps.example' } }, 'invalid_jwt'],
    ['cnf absent', { claims: { cnf: undefined } }, 'invalid_jwt'],
    ['cnf with a key without alg', { claims: { cnf: { jwk: keyWithoutAlg } } }, 'unsupported_algorithm'],
  ];
  test.each(altered)('is refused with %s', async (_, changes, code) => {
    expect((await call(await provider.token())).status).toBe(200);
    const reached = ours.admitted.length;
    expect(refusal(await call(await provider.token(changes)))).toEqual(refusedWith(code));
    expect(ours.admitted).toHaveLength(reached);
  });

  test('is refused when it binds, or is signed with, another key', async () => {
    const other = await createKeyPair('ap-1');
    expect(refusal(await call(await provider.token({ claims: { cnf: { jwk: other.publicJwk } } })))).toEqual(
      refusedWith('invalid_signature'),
    );
    expect(refusal(await call(await provider.token({}, other)))).toEqual(refusedWith('invalid_jwt'));
  });

  test.each([
    ['header', '"typ":"', 'invalid_jwt'],
    ['header', '"kid":"', 'unknown_key'],
    ['claims', '"jti":"', 'invalid_jwt'],
    ['claims', '"exp":', 'invalid_jwt'],
    ['signature', '', 'invalid_jwt'],
  ] as const)('is refused with one bit of its %s flipped, after %j', async (part, after, code) => {
    const token = await provider.token();
    expect((await call(token)).status).toBe(200);
    expect(refusal(await call(flipBit(token, part, after)))).toEqual(refusedWith(code));
  });

  const onItsWay: [string, Presentation['alter'], string][] = [
    ['method', (request) => Object.assign(request, { method: 'PUT' }), 'invalid_signature'],
    ['path', (request) => Object.assign(request, { url: `${ours.origin}/order` }), 'invalid_signature'],
    ['body', (request) => Object.assign(request, { body: '{"item":2}' }), 'invalid_signature'],
    ['token', ({ headers }) => replaceIn(headers, 'signature-key', /jwt="e/, 'jwt="f'), 'invalid_jwt'],
    ['created', ({ headers }) => replaceIn(headers, 'signature-input', /created=1/, 'created=0'), 'invalid_signature'],
    ['signature', ({ headers }) => replaceIn(headers, 'signature', /=:./, '=:*'), 'invalid_signature'],
    ['Signature-Key, gone', ({ headers }) => headers.delete('signature-key'), 'invalid_signature'],
  ];
  test.each(onItsWay)('is refused when the request loses its %s on the way', async (_, alter, code) => {
    const token = await provider.token();
    expect((await call(token)).status).toBe(200);
    expect(refusal(await call(token, { alter }))).toEqual(refusedWith(code));
  });

  test('is refused when the signature leaves out what AAuth has it cover', async () => {
    // httpsig adds content-digest itself.
    const components = ['@method', '@authority', '@path', 'signature-key', 'content-type'];
    const token = await provider.token();
    expect((await call(token, { components })).status).toBe(200);
    for (const name of ['@method', '@authority', '@path', 'content-type']) {
      const response = await call(token, { components: components.filter((component) => component !== name) });
      expect(response.headers.get('signature-error')).toBe(
        'error=invalid_input, required_input=("@method" "@authority" "@path" "signature-key" "content-type" "content-digest")',
      );
    }
  });

  test.each([
    ['another issuer', { issuer: 'https://ap.example' }, 'issuer_mismatch'],
    ['no issuer', { issuer: undefined }, 'issuer_missing'],
  ])('is refused when the metadata of its provider names %s', async (_, metadata, code) => {
    const liar = await startAgentProvider();
    liar.metadata = { ...liar.metadata, ...metadata };
    const response = await present(`${ours.origin}/orders`, await liar.token(), liar.agentKey, order);
    await liar.close();
    expect(refusal(response)).toEqual(refusedWith(code));
  });
});

test('an agent token of ours is what AAuth says, by jose alone', async () => {
  const parties = await createTestParties();
  const token = await parties.token();
  const { header, claims } = await read(token, [{ ...parties.issuerKey.publicJwk }]);
  expect(header).toEqual({ alg: 'Ed25519', typ: 'aa-agent+jwt', kid: 'ap-1' });
  expect(claims).toEqual({
    iss: 'https://ap.example',
    dwk: 'aauth-agent.json',
    sub: 'aauth:demo@ap.example',
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: parties.clock.now(),
    exp: parties.clock.now() + 3600,
    cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: expect.stringMatching(/^[\w-]{43}$/), alg: 'Ed25519' } },
  });
});

test('the metadata of our resource has the form of AAuth', async () => {
  expect(await getJson(`${ours.origin}/.well-known/aauth-resource.json`)).toEqual({
    issuer: ours.origin,
    jwks_uri: `${ours.origin}/jwks.json`,
    access_mode: 'agent-token',
    accept_signature_algs: ['Ed25519', 'ES256'],
    authorization_endpoint: `${ours.origin}/authorize`,
    revocation_endpoint: `${ours.origin}/revoke`,
    scope_descriptions: { 'stock:read': 'See the stock', 'stock:write': 'Change it' },
  });
});

function replaceIn(headers: Headers, name: string, pattern: RegExp, by: string): void {
  headers.set(name, headers.get(name)?.replace(pattern, by) ?? '');
}
