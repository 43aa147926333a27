import { serializeByteSequence } from 'structured-headers';
import { describe, expect, test } from 'vitest';
import { fromBase64url } from '../base64url.ts';
import { parsePrivateJwk, parsePublicJwk } from '../keys/jwk.ts';
import { webCryptoKeys } from '../keys/webcrypto.ts';
import { nodeKeys } from '../node/keys.ts';
import { signatureBase } from './signature-base.ts';
import { parseSignatureInput } from './signature-input.ts';

const backends = [
  ['webCryptoKeys', webCryptoKeys],
  ['nodeKeys', nodeKeys],
] as const;
const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) =>
  fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')) ?? bytes('');

// The request of RFC 9421 §2 that appendix B.2 signs.
const request = {
  method: 'POST',
  authority: 'example.com',
  path: '/foo',
  query: '?param=Value&Pet=dog',
  headers: new Headers({
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'content-length': '18',
  }),
};

describe('RFC 9421 B.2.6: ed25519', () => {
  const jwk = parsePrivateJwk({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'Ed25519',
    kid: 'test-key-ed25519',
    d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
    x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
  });
  const signatureInput =
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const signature = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';
  const { components, signatureParams, created } = parseSignatureInput(signatureInput, []);
  const base = signatureBase(request, components, signatureParams);

  test('the signature base is the printed one, byte for byte', () => {
    expect(created).toBe(1618884473);
    expect(base).toBe(
      [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-length": 18',
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      ].join('\n'),
    );
  });

  test.each(backends)('%s verifies the printed signature and reproduces it', async (_name, keys) => {
    const key = await keys.signingKey(jwk);
    const verifier = await keys.verificationKey(key.publicJwk);
    expect(await verifier.verify(base64(signature), bytes(base))).toBe(true);
    expect(serializeByteSequence(await key.sign(bytes(base)))).toBe(`:${signature}:`);
    expect(await verifier.verify(base64(signature), bytes(base.replace('POST', 'PUT')))).toBe(false);
  });
});

describe('RFC 9421 B.2.4: ecdsa-p256-sha256', () => {
  const jwk = parsePublicJwk({
    kty: 'EC',
    crv: 'P-256',
    alg: 'ES256',
    kid: 'test-key-ecc-p256',
    x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
    y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
  });
  const { components, signatureParams } = parseSignatureInput(
    'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    [],
  );
  const signature = base64('wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==');
  const response = {
    ...request,
    headers: new Headers({
      'content-type': 'application/json',
      'content-digest':
        'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
      'content-length': '23',
    }),
  };
  // It signs a response, of which only the first line is not our business.
  const [, ...fields] = components;
  const base = `"@status": 200\n${signatureBase(response, fields, signatureParams)}`;

  test.each(backends)('%s verifies the printed signature', async (_name, keys) => {
    const verifier = await keys.verificationKey(jwk);
    expect(await verifier.verify(signature, bytes(base))).toBe(true);
    expect(await verifier.verify(signature, bytes(base.replace('200', '201')))).toBe(false);
  });
});
