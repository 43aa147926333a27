import { describe, expect, test } from 'vitest';
import { newKey, refusal, signedAt, signedRequest, verify } from '../../test/signed-request.ts';
import { fromBase64url, toBase64url } from '../base64url.ts';
import type { SignatureErrorCode } from '../errors.ts';
import { thumbprintUri } from '../keys/thumbprint.ts';
import type { SigningKey } from '../keys/types.ts';
import { nodeKeys } from '../node/keys.ts';
import { signJwt } from '../tokens/jwt.ts';
import { createJktJwt, jktJwtScheme } from './jkt-jwt.ts';
import { jktJwtSignatureKey } from './signature-key.ts';

const now = () => signedAt + 1;
const schemes = { 'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now }) };

async function verifyWith(jwt: string, key: SigningKey) {
  const message = await signedRequest({ key, signatureKey: jktJwtSignatureKey(jwt) });
  return verify(message, { schemes, now });
}

const decode = (part: string | undefined) => JSON.parse(new TextDecoder().decode(fromBase64url(part ?? '')));

describe('jkt-jwt', () => {
  test.each(['Ed25519', 'ES256'] as const)('an %s key vouches for the one that signs', async (alg) => {
    const [stableKey, key] = [await newKey(alg), await newKey()];
    const jwt = await createJktJwt({ stableKey, ephemeralKey: key.publicJwk, now: () => signedAt + 0.7 });
    const [header, claims] = jwt.split('.').slice(0, 2).map(decode);
    expect(header).toEqual({ alg, typ: 'jkt-s256+jwt', jwk: stableKey.publicJwk });
    expect(claims).toEqual({
      iss: `urn:jkt:sha-256:${stableKey.thumbprint}`,
      iat: signedAt,
      exp: signedAt + 300,
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      cnf: { jwk: key.publicJwk },
    });
    const { identity, jkt } = await verifyWith(jwt, key);
    expect(jkt).toBe(key.thumbprint);
    expect(identity).toMatchObject({
      scheme: 'jkt-jwt',
      stableKey: { thumbprint: stableKey.thumbprint },
      jti: claims.jti,
      expires: claims.exp,
    });
  });

  test('carries no kid: the key is in the token', async () => {
    const stableKey = nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'stable' });
    const jwt = await createJktJwt({ stableKey: await stableKey, ephemeralKey: (await newKey()).publicJwk, now });
    expect(decode(jwt.split('.')[0])).not.toHaveProperty('kid');
    expect(decode(jwt.split('.')[0]).jwk).not.toHaveProperty('kid');
  });
});

describe('a jkt-jwt just seen accepted is refused', () => {
  interface Parts {
    stableKey: SigningKey;
    key: SigningKey;
    other: SigningKey;
    type: string;
    header: Record<string, unknown>;
    claims: Record<string, unknown>;
    signer: SigningKey;
  }

  const rows: [string, SignatureErrorCode, (parts: Parts) => void][] = [
    ['of another typ', 'invalid_jwt', (parts) => Object.assign(parts, { type: 'aa-agent+jwt' })],
    ['of typ jkt-s512+jwt', 'invalid_jwt', (parts) => Object.assign(parts, { type: 'jkt-s512+jwt' })],
    ['W7: signed by another key', 'invalid_jwt', (parts) => Object.assign(parts, { signer: parts.other })],
    [
      'with another iss',
      'invalid_jwt',
      ({ claims, other }) => Object.assign(claims, { iss: thumbprintUri(other.thumbprint) }),
    ],
    ['without iss', 'invalid_jwt', ({ claims }) => Object.assign(claims, { iss: undefined })],
    [
      'with the thumbprint in another spelling',
      'invalid_jwt',
      ({ claims }) => Object.assign(claims, { iss: `${claims.iss}=` }),
    ],
    ['without jwk', 'unsupported_algorithm', ({ header }) => Object.assign(header, { jwk: {} })],
    ['with a jwk that is no object', 'invalid_key', ({ header }) => Object.assign(header, { jwk: 'key' })],
    [
      'with a private jwk',
      'invalid_key',
      ({ header, key }) => Object.assign(header, { jwk: { ...key.publicJwk, d: 'A'.repeat(43) } }),
    ],
    ['with alg none', 'invalid_jwt', ({ header }) => Object.assign(header, { alg: 'none' })],
    ['with alg EdDSA', 'unsupported_algorithm', ({ header }) => Object.assign(header, { alg: 'EdDSA' })],
    ['with alg HS256', 'unsupported_algorithm', ({ header }) => Object.assign(header, { alg: 'HS256' })],
    ['with the alg of another key', 'invalid_jwt', ({ header }) => Object.assign(header, { alg: 'ES256' })],
    ['with crit', 'invalid_jwt', ({ header }) => Object.assign(header, { crit: ['b64'], b64: false })],
    ['expired', 'expired_jwt', ({ claims }) => Object.assign(claims, { exp: now() })],
    ['without exp', 'invalid_jwt', ({ claims }) => Object.assign(claims, { exp: undefined })],
    ['with exp as text', 'invalid_jwt', ({ claims }) => Object.assign(claims, { exp: String(claims.exp) })],
    ['without iat', 'invalid_jwt', ({ claims }) => Object.assign(claims, { iat: undefined })],
    ['issued in the future', 'clock_skew', ({ claims }) => Object.assign(claims, { iat: now() + 61 })],
    ['without jti', 'invalid_jwt', ({ claims }) => Object.assign(claims, { jti: undefined })],
    ['without cnf', 'invalid_jwt', ({ claims }) => Object.assign(claims, { cnf: undefined })],
    ['with a cnf without jwk', 'invalid_key', ({ claims }) => Object.assign(claims, { cnf: {} })],
    [
      'with the cnf of another key',
      'invalid_signature',
      ({ claims, other }) => Object.assign(claims, { cnf: { jwk: other.publicJwk } }),
    ],
    [
      'with an EdDSA cnf',
      'unsupported_algorithm',
      ({ claims, key }) => Object.assign(claims, { cnf: { jwk: { ...key.publicJwk, alg: 'EdDSA' } } }),
    ],
  ];

  async function build(alter: (parts: Parts) => void): Promise<[string, SigningKey]> {
    const [stableKey, key, other] = [await newKey(), await newKey(), await newKey()];
    const claims = {
      iss: thumbprintUri(stableKey.thumbprint),
      iat: signedAt,
      exp: signedAt + 300,
      jti: 'j1',
      cnf: { jwk: key.publicJwk },
    };
    const header = { jwk: stableKey.publicJwk };
    const parts: Parts = { stableKey, key, other, type: 'jkt-s256+jwt', header, claims, signer: stableKey };
    alter(parts);
    return [await signJwt(parts.type, parts.claims, parts.signer, parts.header), key];
  }

  test.each(rows)('%s: %s', async (_name, code, alter) => {
    await verifyWith(...(await build(() => undefined)));
    expect(await refusal(build(alter).then((jwt) => verifyWith(...jwt)))).toMatchObject({ code });
  });

  test.each([
    ['cut off', (jwt: string) => jwt.slice(0, -2)],
    ['with a padded signature', (jwt: string) => `${jwt}==`],
    ['with two parts', (jwt: string) => jwt.slice(0, jwt.lastIndexOf('.'))],
    ['with four parts', (jwt: string) => `${jwt}.AAAA`],
    ['without signature', (jwt: string) => jwt.slice(0, jwt.lastIndexOf('.') + 1)],
    [
      'with other claims',
      (jwt: string) => jwt.replace(/\.[^.]+\./, `.${toBase64url(new TextEncoder().encode('{}'))}.`),
    ],
    ['empty', () => ''],
  ])('%s: invalid_jwt', async (_name, alter) => {
    const [jwt, key] = await build(() => undefined);
    expect(await refusal(verifyWith(alter(jwt), key))).toMatchObject({ code: 'invalid_jwt' });
  });

  test('W7: whoever knows only the public stable key gets nothing', async () => {
    const [victim, key] = [await newKey(), await newKey()];
    const forged = await createJktJwt({
      stableKey: { ...key, publicJwk: victim.publicJwk, thumbprint: victim.thumbprint },
      ephemeralKey: key.publicJwk,
      now,
    });
    expect(await refusal(verifyWith(forged, key))).toMatchObject({ code: 'invalid_jwt' });
  });

  test('W7: whoever copied the token without the ephemeral key gets nothing', async () => {
    const [jwt] = await build(() => undefined);
    expect(await refusal(verifyWith(jwt, await newKey()))).toMatchObject({ code: 'invalid_signature' });
  });

  test('without the parameter jwt: invalid_jwt', async () => {
    const key = await newKey();
    const message = await signedRequest({ key, signatureKey: { scheme: 'jkt-jwt', value: 'jkt-jwt;jwt=abc' } });
    expect(await refusal(verify(message, { schemes }))).toMatchObject({ code: 'invalid_jwt' });
  });
});
