import { describe, expect, test } from 'vitest';
import { SignatureError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { parsePublicJwk } from './jwk.ts';
import { sha256 } from './sha256.ts';
import {
  jwkThumbprint,
  parseThumbprint,
  parseThumbprintUri,
  thumbprintInput,
  thumbprintOfHash,
  thumbprintUri,
} from './thumbprint.ts';

describe('thumbprints', () => {
  test('RFC 7638 §3.1: the RSA key', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    const input = thumbprintInput({ kty: 'RSA', n, e: 'AQAB' });
    expect(new TextDecoder().decode(input)).toBe(`{"e":"AQAB","kty":"RSA","n":"${n}"}`);
    expect(thumbprintOfHash(await sha256(input))).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  test('RFC 8037 A.3: the Ed25519 key, whatever alg, kid and use it has', async () => {
    const jwk = parsePublicJwk({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'k1',
      use: 'sig',
    });
    const expected = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
    expect(await jwkThumbprint(jwk)).toBe(expected);
    expect(await jwkThumbprint(jwk, nodeKeys)).toBe(expected);
    expect((await nodeKeys.verificationKey(jwk)).thumbprint).toBe(expected);
  });

  test('have a URI that parses back', () => {
    const thumbprint = parseThumbprint('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(thumbprintUri(thumbprint)).toBe('urn:jkt:sha-256:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(parseThumbprintUri(thumbprintUri(thumbprint))).toBe(thumbprint);
  });

  test.each([
    undefined,
    '',
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    'urn:jkt:sha-512:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    'urn:jkt:sha-256:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4',
    'urn:jkt:sha-256:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k=',
    'URN:jkt:sha-256:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  ])('refuses the URI %j', (uri) => {
    expect(() => parseThumbprintUri(uri)).toThrow(SignatureError);
  });
});
