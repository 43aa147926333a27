import { describe, expect, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { startProtectedServer } from '../../test/support/protected-server.ts';
import type { SigningChanges, TestRequest, TestResponse } from '../../test/support/requests.ts';
import { hwkSignatureKey, jwtSignatureKey } from '../signatures/index.ts';

type Parties = Awaited<ReturnType<typeof startProtectedServer>>;
type Sent = Promise<TestResponse>;

const signer = await createKey('ap-1');
const post: TestRequest = { method: 'POST', target: '/orders?dry=1', body: '{"item":1}' };
const required = '"@method" "@authority" "@path" "signature-key" "@query" "content-type" "content-digest"';

/** Sends a request that is accepted, then one that is altered in one thing, and checks that nothing is behind that one. */
async function refused(parties: Parties, send: () => Sent, code: string, headers: Record<string, string> = {}) {
  const accepted = await parties.send(post, await parties.sign(post));
  expect(accepted).toMatchObject({ status: 200, body: '{"level":"identified","length":10}' });
  const reached = parties.reached.length;

  const response = await send();
  expect(response.status).toBe(401);
  expect(response.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'aauth-requirement': 'requirement=agent-token',
    'signature-error': `error=${code}`,
    ...headers,
  });
  expect(JSON.parse(response.body)).toMatchObject({
    type: `urn:ietf:params:sig-error:${code}`,
    status: 401,
    error: code,
  });
  expect(parties.reached).toHaveLength(reached);
  expect(parties.verdicts.at(-1)).toMatchObject({ ok: false, error: { code } });
}

const signed = async (parties: Parties, changes: SigningChanges, request = post) =>
  parties.send(request, await parties.sign(request, changes));

describe('a request whose signature does not hold', () => {
  const bad: [string, string, (parties: Parties) => Sent, Record<string, string>?][] = [
    ['without a signature', 'invalid_signature', (p) => p.send(post, {})],
    ['signed with another key', 'invalid_signature', async (p) => signed(p, { key: await createKey() })],
    ['of another method', 'invalid_signature', async (p) => p.send({ ...post, method: 'PUT' }, await p.sign(post))],
    ['to another path', 'invalid_signature', async (p) => p.send({ ...post, target: '/x?dry=1' }, await p.sign(post))],
    [
      'with another query',
      'invalid_signature',
      async (p) => p.send({ ...post, target: '/orders' }, await p.sign(post)),
    ],
    [
      'with another body',
      'invalid_signature',
      async (p) => p.send({ ...post, body: '{"item":2}' }, await p.sign(post)),
    ],
    ['for another authority', 'invalid_signature', (p) => signed(p, { authority: 'other.localhost:3000' })],
    ['created too long ago', 'invalid_signature', (p) => signed(p, { created: p.clock.now() - 61 })],
    ['created too far ahead', 'clock_skew', (p) => signed(p, { created: p.clock.now() + 61 })],
    [
      'that leaves out a component',
      'invalid_input',
      (p) => signed(p, { components: [] }),
      { 'signature-error': `error=invalid_input, required_input=(${required})` },
    ],
    [
      'with a scheme nobody knows',
      'unsupported_scheme',
      async (p) => p.send(post, { ...(await p.sign(post)), 'signature-key': 'sig=cached;id="x"' }),
      { 'accept-signature-scheme': 'jwt' },
    ],
    [
      'with a scheme that is not accepted here',
      'unsupported_scheme',
      (p) => signed(p, { signatureKey: hwkSignatureKey(p.agentKey.publicJwk) }),
      { 'accept-signature-scheme': 'jwt' },
    ],
    [
      'with a malformed Signature-Key',
      'invalid_signature',
      async (p) => p.send(post, { ...(await p.sign(post)), 'signature-key': 'sig=' }),
    ],
    [
      'with Signature-Key on two lines',
      'invalid_signature',
      async (p) => {
        const headers = await p.sign(post);
        const value = headers['signature-key'] ?? '';
        return p.send(post, { ...headers, 'signature-key': [value, value] });
      },
    ],
  ];
  it.each(bad)('%s is refused with %s', async (_, code, send, headers) => {
    const parties = await startProtectedServer();
    await refused(parties, () => send(parties), code, headers);
  });

  it('W19: is refused when it was signed for the Host that it names itself', async () => {
    const parties = await startProtectedServer();
    const headers = { ...(await parties.sign(post, { authority: 'evil.example' })), host: 'evil.example' };
    await refused(parties, () => parties.send(post, headers), 'invalid_signature');
  });

  it('W18: is refused when it is a repeat of one that changed something, and only then', async () => {
    const parties = await startProtectedServer();
    const headers = await parties.sign(post);
    expect((await parties.send(post, headers)).status).toBe(200);
    await refused(parties, () => parties.send(post, headers), 'invalid_signature');
    parties.clock.advance(1);
    expect((await signed(parties, {})).status).toBe(200);
    const read = { target: '/stock' };
    const repeatable = await parties.sign(read);
    expect((await parties.send(read, repeatable)).status).toBe(200);
    expect((await parties.send(read, repeatable)).status).toBe(200);
  });
});

describe('a request whose token does not hold', () => {
  const bad: [string, string, (parties: Parties) => Promise<string>, Record<string, string>?][] = [
    ['that has expired', 'expired_jwt', (p) => p.token({ iat: p.clock.now() - 60, exp: p.clock.now() })],
    ['from the future', 'clock_skew', (p) => p.token({ iat: p.clock.now() + 61 })],
    ['of another typ', 'invalid_jwt', (p) => p.token({}, 'JWT')],
    ['with alg none', 'invalid_jwt', (p) => p.token({}, undefined, undefined, { alg: 'none' })],
    [
      'with alg EdDSA',
      'unsupported_algorithm',
      (p) => p.token({}, undefined, undefined, { alg: 'EdDSA' }),
      { 'accept-signature-alg': 'Ed25519, ES256' },
    ],
    [
      'with alg HS256',
      'unsupported_algorithm',
      (p) => p.token({}, undefined, undefined, { alg: 'HS256' }),
      { 'accept-signature-alg': 'Ed25519, ES256' },
    ],
    ['signed by somebody else', 'invalid_jwt', (p) => p.token({}, undefined, signer)],
    ['under an unknown kid', 'unknown_key', (p) => p.token({}, undefined, undefined, { kid: 'ap-2' })],
    ['that binds another key', 'invalid_signature', (p) => p.token({ cnf: { jwk: signer.publicJwk } })],
    ['that names an agent of somebody else', 'invalid_jwt', (p) => p.token({ sub: 'aauth:demo@other.example' })],
  ];
  it.each(bad)('%s is refused with %s', async (_, code, token, headers) => {
    const parties = await startProtectedServer();
    const send = async () => signed(parties, { signatureKey: jwtSignatureKey(await token(parties)) });
    await refused(parties, send, code, headers);
  });

  it('W17: from an agent provider that is not pinned is refused with invalid_jwt, and its keys are not asked for', async () => {
    const parties = await startProtectedServer((issuer) => ({ agentProviders: [{ issuer }] }));
    const stranger = await startProtectedServer();
    expect((await signed(stranger, {})).status).toBe(200);
    const asked = stranger.asked.length;
    await refused(parties, async () => parties.send(post, await stranger.sign(post)), 'invalid_jwt');
    expect(stranger.asked).toHaveLength(asked);
  });

  it('is refused with revoked_jwt once it is revoked, also when it was seen before', async () => {
    const revoked = new Set<string>();
    const parties = await startProtectedServer(() => ({ revoked: ({ jti }) => revoked.has(jti) }));
    const signatureKey = jwtSignatureKey(await parties.token({ jti: 'stolen' }));
    expect((await signed(parties, { signatureKey })).status).toBe(200);
    revoked.add('stolen');
    parties.clock.advance(1);
    await refused(parties, () => signed(parties, { signatureKey }), 'revoked_jwt');
  });
});

describe('an agent provider that cannot be asked', () => {
  it('with the metadata of another issuer makes a 401 issuer_mismatch', async () => {
    const parties = await startProtectedServer();
    const impostor = await startProtectedServer();
    impostor.published.metadata = parties.published.metadata;
    expect((await signed(parties, {})).status).toBe(200);
    const response = await signed(impostor, {});
    expect(response).toMatchObject({ status: 401, headers: { 'signature-error': 'error=issuer_mismatch' } });
    expect(impostor.reached).toEqual([]);
  });

  it.each(['metadata', 'jwks'] as const)(
    'for its %s makes a 503 with Retry-After and no signature error',
    async (what) => {
      const parties = await startProtectedServer();
      parties.published[what] = undefined;
      const response = await signed(parties, {});
      expect(response.status).toBe(503);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      expect(response.headers).not.toHaveProperty('signature-error');
      expect(response.headers).not.toHaveProperty('aauth-requirement');
      expect(JSON.parse(response.body)).toMatchObject({ error: 'temporarily_unavailable' });
      expect(parties.reached).toEqual([]);
    },
  );
});
