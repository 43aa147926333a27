import { describe, expect, test } from 'vitest';
import { SignatureError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { contentDigest, parseContentDigest } from './content-digest.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('RFC 9530', () => {
  test.each([
    ['{"hello": "world"}', 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'],
    ['{"hello": "world"}\n', 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'],
    ['', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
  ])('%j', async (body, expected) => {
    expect(await contentDigest(bytes(body))).toBe(expected);
    expect(await contentDigest(bytes(body), nodeKeys)).toBe(expected);
    const hash = await nodeKeys.sha256(bytes(body));
    expect(Buffer.from(parseContentDigest(expected))).toEqual(hash);
  });

  test('an algorithm beside SHA-256 is ignored', () => {
    const sha256 = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:';
    expect(parseContentDigest(`sha-512=:AAAA:, ${sha256}`)).toEqual(parseContentDigest(sha256));
  });

  test.each([
    ['nothing', ''],
    ['another algorithm', 'sha-512=:AAAA:'],
    ['a short hash', 'sha-256=:AAAA:'],
    ['a string', 'sha-256="X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="'],
    ['a list', 'sha-256=(:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:)'],
    [
      'two hashes',
      'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
    ],
    ['no dictionary', 'X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE='],
  ])('refuses %s', (_name, header) => {
    expect(() => parseContentDigest(header)).toThrow(SignatureError);
  });
});
