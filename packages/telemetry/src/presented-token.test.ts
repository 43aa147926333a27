import fc from 'fast-check';
import { expect, test } from 'vitest';
import { presentedAttributes } from './presented-token.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (typ: unknown) => `${encode({ alg: 'Ed25519', typ })}.${encode({ iss: 'https://ps.example' })}.c2ln`;

test.each(['aa-agent+jwt', 'aa-person+jwt', 'aa-auth+jwt'])('a request that presents an %s says so', (typ) => {
  expect(presentedAttributes(`sig=jwt;jwt="${token(typ)}"`)).toEqual({
    'aauth.scheme': 'jwt',
    'aauth.token.type': typ,
  });
});

test('a request by another scheme says which', () => {
  expect(presentedAttributes('sig=jwks_uri;id="https://ps.example";dwk="aauth-person.json";kid="k1"')).toEqual({
    'aauth.scheme': 'jwks_uri',
  });
  expect(presentedAttributes(`sig=jkt-jwt;jwt="${token('jkt-s256+jwt')}"`)).toEqual({
    'aauth.scheme': 'jkt-jwt',
    'aauth.token.type': 'jkt-s256+jwt',
  });
});

test('a request without Signature-Key, or with one that makes no sense, says nothing of a token', () => {
  expect(presentedAttributes(undefined)).toEqual({});
  expect(presentedAttributes('"')).toEqual({});
  expect(presentedAttributes('sig=jwt;jwt="abc.def.ghi"')).toEqual({ 'aauth.scheme': 'jwt' });
  expect(presentedAttributes(`sig=jwt;jwt="${token(7)}"`)).toEqual({ 'aauth.scheme': 'jwt' });
});

test('whatever the header is, only its scheme and a typ come of it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (prefix, rest) => {
      for (const header of [prefix, `sig=jwt;jwt="${prefix}.${rest}"`, `sig=${prefix};jwt="${token(rest)}"`]) {
        const names = Object.keys(presentedAttributes(header));
        expect(['aauth.scheme', 'aauth.token.type']).toEqual(expect.arrayContaining(names));
      }
    }),
  );
});
