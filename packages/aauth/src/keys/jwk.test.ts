import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SignatureError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { parsePrivateJwk, parsePublicJwk, toPublicJwk } from './jwk.ts';

const ed25519 = { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const es256 = {
  kty: 'EC',
  crv: 'P-256',
  alg: 'ES256',
  x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
  y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
};
const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';

function refusal(parse: () => unknown): SignatureError {
  try {
    parse();
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('parsePublicJwk', () => {
  test.each([ed25519, es256])('accepts $alg and keeps only what it knows', (jwk) => {
    const members = { ...jwk, kid: 'k1', use: 'sig' };
    expect(parsePublicJwk({ ...members, key_ops: ['verify'], ext: true, x5c: [] })).toEqual(members);
  });

  test.each([undefined, 'EdDSA', 'HS256', 'none', 'RS256', 'ed25519', 5, null, ['Ed25519']])(
    'refuses alg %j as unsupported_algorithm and says what is accepted',
    (alg) => {
      const error = refusal(() => parsePublicJwk({ ...ed25519, alg }));
      expect(error.code).toBe('unsupported_algorithm');
      expect(error.headers).toEqual({
        'signature-error': 'error=unsupported_algorithm',
        'accept-signature-alg': 'Ed25519, ES256',
      });
    },
  );

  test.each([
    ['another kty', { ...ed25519, kty: 'EC' }],
    ['another crv', { ...ed25519, crv: 'Ed448' }],
    ['the alg of another curve', { ...ed25519, alg: 'ES256' }],
    ['a symmetric kty', { ...ed25519, kty: 'oct', k: 'AAAA' }],
    ['no x', { ...ed25519, x: undefined }],
    ['a short x', { ...ed25519, x: 'AAAA' }],
    ['a padded x', { ...ed25519, x: `${ed25519.x}=` }],
    ['an x that is not canonical', { ...ed25519, x: ed25519.x.replace(/o$/, 'p') }],
    ['an x in base64', { ...ed25519, x: ed25519.x.replace('_', '/') }],
    ['an x that is no string', { ...ed25519, x: 5 }],
    ['no y', { ...es256, y: undefined }],
    ['a long y', { ...es256, y: `${es256.y}AAAA` }],
    ['d', { ...ed25519, d }],
    ['a kid that is no string', { ...ed25519, kid: 1 }],
    ['an empty kid', { ...ed25519, kid: '' }],
    ['use enc', { ...ed25519, use: 'enc' }],
  ])('refuses a key with %s as invalid_key', (_name, jwk) => {
    expect(refusal(() => parsePublicJwk(jwk)).code).toBe('invalid_key');
  });

  test('never crashes', () => {
    const json = fc.json().map((text): unknown => JSON.parse(text));
    const broken = fc.record(
      { kty: json, crv: json, alg: fc.constantFrom('Ed25519', 'ES256'), x: json, y: json, kid: json },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(json, broken), (value) => {
        expect(refusal(() => parsePublicJwk(value))).toBeInstanceOf(SignatureError);
      }),
    );
  });

  test.each(['00', '01', '0000000000000000000000000000000000000000000000000000000000000080'])(
    'refuses the Ed25519 point of small order %s…, with which some runtimes verify what nobody signed',
    (start) => {
      const x = Buffer.from(start.padEnd(64, '0'), 'hex').toString('base64url');
      expect(refusal(() => parsePublicJwk({ ...ed25519, x })).code).toBe('invalid_key');
    },
  );
});

describe('parsePrivateJwk', () => {
  test('keeps d; the public half leaves it out', () => {
    const jwk = parsePrivateJwk({ ...ed25519, d, kid: 'k1' });
    expect(jwk).toEqual({ ...ed25519, d, kid: 'k1' });
    expect(toPublicJwk(jwk)).toEqual({ ...ed25519, kid: 'k1' });
  });

  test.each([
    ['no d', ed25519],
    ['a short d', { ...ed25519, d: 'AAAA' }],
  ])('refuses a key with %s', (_name, jwk) => {
    expect(refusal(() => parsePrivateJwk(jwk)).code).toBe('invalid_key');
  });

  test('does not tell the private half in an error', async () => {
    const secret = `${d}AAAA`;
    expect(JSON.stringify(refusal(() => parsePrivateJwk({ ...ed25519, d: secret })))).not.toContain(secret);
    const { d: other } = await nodeKeys.generate('Ed25519');
    const mismatched = refusal(() => nodeKeys.signingKey(parsePrivateJwk({ ...ed25519, d: other })));
    expect(mismatched.code).toBe('invalid_key');
    expect(mismatched.message).not.toContain(other);
  });
});
