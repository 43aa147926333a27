import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { toBase64url } from '../base64url.ts';
import { nodeKeys } from '../node/keys.ts';
import { createTokenVerifier } from './verify-token.ts';

const stranger = await createKey('ap-1');
const dwk = 'aauth-agent.json';

async function setUp() {
  const parties = await createTestParties();
  const { discovery, clock } = parties;
  const verify = createTokenVerifier({
    discovery,
    identifiers: { allowLoopback: false },
    keys: nodeKeys,
    now: clock.now,
  });
  await expect(verify(await parties.token())).resolves.toBeDefined();
  return { ...parties, verify };
}

const encode = (value: unknown) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));

describe('the key that a token is verified with', () => {
  it.each(['__proto__', 'constructor', 'toString', '../../jwks', "' OR 1=1 --", 'AP-1', 'ap-1\0', ''])(
    'is not found by the kid %j',
    async (kid) => {
      const { verify, token } = await setUp();
      const code = kid === '' ? 'invalid_jwt' : 'unknown_key';
      await expect(verify(await token({ header: { kid } }))).rejects.toMatchObject({ name: 'SignatureError', code });
    },
  );

  it.each([0, null, ['ap-1'], { kid: 'ap-1' }])('is not found by the kid %j', async (kid) => {
    const { verify, token } = await setUp();
    await expect(verify(await token({ header: { kid } }))).rejects.toMatchObject({ code: 'invalid_jwt' });
  });

  it.each([
    { jwk: stranger.publicJwk },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example/cert' },
    { x5c: ['MIIB'] },
  ])('is not one that the token brings along: %j', async (header) => {
    const { verify, token, web } = await setUp();
    web.publish('https://evil.example/jwks', { body: { keys: [stranger.publicJwk] } });
    const forged = await token({ key: stranger, header });
    await expect(verify(forged)).rejects.toMatchObject({ name: 'SignatureError', code: 'invalid_jwt' });
    expect(web.requests.filter((url) => url.includes('evil'))).toEqual([]);
  });

  it('is not that of another issuer with the same kid', async () => {
    const { verify, token, web } = await setUp();
    web.publishIssuer('https://evil.example', dwk, [stranger.publicJwk]);
    const own = { iss: 'https://evil.example', sub: 'aauth:demo@evil.example' };
    await expect(verify(await token({ key: stranger, claims: own }))).resolves.toBeDefined();
    await expect(verify(await token({ key: stranger }))).rejects.toMatchObject({ code: 'invalid_jwt' });
  });

  it.each(['HS256', 'Ed25519'])('is no secret: the public key as an HMAC key, called %s', async (alg) => {
    const { verify, token, web, issuer, issuerKey } = await setUp();
    const [, claims] = (await token()).split('.');
    const input = `${encode({ alg, typ: 'aa-agent+jwt', kid: 'ap-1' })}.${claims}`;
    const forged = `${input}.${toBase64url(createHmac('sha256', Buffer.from(issuerKey.publicJwk.x, 'base64url')).update(input).digest())}`;
    const code = alg === 'HS256' ? 'unsupported_algorithm' : 'invalid_jwt';
    await expect(verify(forged)).rejects.toMatchObject({ name: 'SignatureError', code });
    web.publishIssuer(issuer, dwk, [{ kty: 'oct', kid: 'ap-2', alg: 'HS256', k: 'AAAA' }]);
    await expect(verify(await token({ header: { kid: 'ap-2' } }))).rejects.toMatchObject({ name: 'SignatureError' });
  });
});

describe('a key set that is poisoned', () => {
  it('with a private key, or one without alg, gives no key', async () => {
    for (const poison of [{ d: 'AAAA' }, { alg: undefined }, { alg: 'none' }, { kty: 'oct' }, { x: 'AA' }]) {
      const { discovery, web, issuer } = await createTestParties();
      web.publishIssuer(issuer, dwk, [{ ...stranger.publicJwk, ...poison }]);
      await expect(discovery.key(issuer, dwk, 'ap-1')).rejects.toMatchObject({ name: 'SignatureError' });
    }
  });

  it.each([
    'https://evil.example/jwks',
    'https://10.0.0.1/jwks',
    'http://localhost/jwks',
    'file:///jwks',
    '//evil.example/x',
  ])('because metadata names %s is not even asked for', async (jwks_uri) => {
    const { discovery, web, issuer } = await createTestParties();
    web.publish(`${issuer}/.well-known/${dwk}`, { body: { issuer, jwks_uri } });
    await expect(discovery.key(issuer, dwk, 'ap-1')).rejects.toMatchObject({ name: 'UnavailableError', status: 503 });
    expect(web.requests).toEqual([`${issuer}/.well-known/${dwk}`]);
  });
});
