import { describe, expect, test } from 'vitest';
import { newKey, refusal, signedRequest, verify } from '../../test/signed-request.ts';
import type { SignatureErrorCode } from '../errors.ts';
import { parsePublicJwk } from '../keys/jwk.ts';
import {
  hwkSignatureKey,
  jktJwtSignatureKey,
  jwksUriSignatureKey,
  jwtSignatureKey,
  parseSignatureKey,
} from './signature-key.ts';

const ed25519 = parsePublicJwk({
  kty: 'OKP',
  crv: 'Ed25519',
  alg: 'Ed25519',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
  kid: 'k1',
  use: 'sig',
});

describe('the forms of the schemes', () => {
  test.each([
    [jwtSignatureKey('a.b.c'), 'jwt;jwt="a.b.c"'],
    [jktJwtSignatureKey('a.b.c'), 'jkt-jwt;jwt="a.b.c"'],
    [
      jwksUriSignatureKey({ id: 'https://ps.example', dwk: 'aauth-person.json', kid: 'k1' }),
      'jwks_uri;id="https://ps.example";dwk="aauth-person.json";kid="k1"',
    ],
    [hwkSignatureKey(ed25519), `hwk;kty="OKP";crv="Ed25519";x="${ed25519.x}";alg="Ed25519"`],
  ])('%o', ({ scheme, value }, expected) => {
    expect(value).toBe(expected);
    const member = parseSignatureKey(`sig=${value}`, 'sig');
    expect(member.scheme).toBe(scheme);
    expect(parseSignatureKey(`other=x, sig=${value}`, 'sig')).toEqual(member);
  });

  test('a value cannot break out of its string', () => {
    const { value } = jwksUriSignatureKey({ id: 'https://ps.example";kid="k2', dwk: 'a', kid: 'k\\1' });
    expect(parseSignatureKey(`sig=${value}`, 'sig').parameters).toEqual(
      new Map([
        ['id', 'https://ps.example";kid="k2'],
        ['dwk', 'a'],
        ['kid', 'k\\1'],
      ]),
    );
    expect(() => jwtSignatureKey('a\r\nb: c')).toThrow(TypeError);
    expect(() => jwtSignatureKey('é')).toThrow(TypeError);
  });

  test('a parameter that is no string counts as absent', () => {
    expect(parseSignatureKey('sig=jwt;jwt=abc;n=1;f;b=:AAAA:', 'sig').parameters.size).toBe(0);
  });
});

describe('hwk', () => {
  test.each<[string, SignatureErrorCode, string, string]>([
    ['without alg', 'unsupported_algorithm', ';alg="Ed25519"', ''],
    ['with alg EdDSA', 'unsupported_algorithm', 'alg="Ed25519"', 'alg="EdDSA"'],
    ['with alg none', 'unsupported_algorithm', 'alg="Ed25519"', 'alg="none"'],
    ['with alg HS256', 'unsupported_algorithm', 'alg="Ed25519"', 'alg="HS256"'],
    ['with the alg of another curve', 'invalid_key', 'alg="Ed25519"', 'alg="ES256"'],
    ['with a kid', 'invalid_key', ';alg', ';kid="k1";alg'],
    ['with a private member', 'invalid_key', ';alg', `;d="${'A'.repeat(43)}";alg`],
    ['with a short x', 'invalid_key', ';x="', ';y="AAAA";x="A'],
    ['without kty', 'invalid_key', 'kty="OKP"', 'kty=OKP'],
  ])('is refused %s: %s', async (_name, code, from, to) => {
    const key = await newKey();
    const message = await signedRequest({ key });
    await verify(message);
    const value = message.headers.get('signature-key') ?? '';
    expect(value).toContain(from);
    message.headers.set('signature-key', value.replace(from, to));
    expect(await refusal(verify(message))).toMatchObject({ code });
  });

  test('is refused with a point off the curve: invalid_key', async () => {
    const key = await newKey('ES256');
    const message = await signedRequest({ key });
    await verify(message);
    const value = message.headers.get('signature-key') ?? '';
    message.headers.set('signature-key', value.replace(/y="[^"]+"/, `y="${key.publicJwk.x}"`));
    expect(await refusal(verify(message))).toMatchObject({ code: 'invalid_key' });
  });
});
