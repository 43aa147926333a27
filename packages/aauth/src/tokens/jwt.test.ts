import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { toBase64url } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { decodeTokenForDisplay, parseJwt, signJwt } from './jwt.ts';

const types = ['aa-agent+jwt'];
const encode = (value: unknown) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));
const compact = (header: unknown, claims: unknown = {}, signature = 'AAAA') =>
  `${encode(header)}.${encode(claims)}.${signature}`;
const accepted = { typ: 'aa-agent+jwt', alg: 'Ed25519', kid: 'k1' };

function refusal(token: string): SignatureError {
  try {
    parseJwt(token, types);
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error('The token was accepted.');
}

describe('parseJwt', () => {
  it('takes apart what signJwt made, so that the key verifies it', async () => {
    const key = await createKey('k1');
    const token = await signJwt('aa-agent+jwt', { sub: 'aauth:a@b.example', ünï: '✓' }, key);
    const jwt = parseJwt(token, types);
    expect(jwt.header).toEqual({ alg: 'Ed25519', typ: 'aa-agent+jwt', kid: 'k1' });
    expect(jwt.claims).toEqual({ sub: 'aauth:a@b.example', ünï: '✓' });
    const publicKey = await nodeKeys.verificationKey(key.publicJwk);
    expect(await publicKey.verify(jwt.signature, jwt.signingInput)).toBe(true);
  });

  it('looks at typ before anything else in the header', () => {
    expect(parseJwt(compact(accepted), types).type).toBe('aa-agent+jwt');
    const error = refusal(compact({ ...accepted, typ: 'JWT', alg: 'none', crit: ['x'] }));
    expect(error.code).toBe('invalid_jwt');
    expect(error.cause).toEqual({ expected: types, received: 'JWT' });
  });

  it.each([
    ['none', 'invalid_jwt'],
    ['EdDSA', 'unsupported_algorithm'],
    ['HS256', 'unsupported_algorithm'],
    ['RS256', 'unsupported_algorithm'],
    ['ed25519', 'unsupported_algorithm'],
    ['None', 'unsupported_algorithm'],
    [undefined, 'unsupported_algorithm'],
    [['Ed25519'], 'unsupported_algorithm'],
  ])('W20: refuses alg %j with %s, and says what is accepted', (alg, code) => {
    const error = refusal(compact({ ...accepted, alg }));
    expect(error.code).toBe(code);
    expect(error.headers['accept-signature-alg']).toBe(code === 'invalid_jwt' ? undefined : 'Ed25519, ES256');
  });

  it.each([
    ['critical extensions', compact({ ...accepted, crit: ['b64'] })],
    ['two parts', compact(accepted).split('.').slice(0, 2).join('.')],
    ['four parts', `${compact(accepted)}.AAAA`],
    ['an empty payload', `${encode(accepted)}..AAAA`],
    ['a payload that is an array', compact(accepted, [])],
    ['a payload that is not JSON', `${encode(accepted)}.AAAA.AAAA`],
    ['a payload that is not UTF-8', `${encode(accepted)}.${toBase64url(Uint8Array.of(0x22, 0xff, 0x22))}.AAAA`],
    ['padding', `${encode(accepted)}.e30=.AAAA`],
    ['bits beyond the last byte', `${encode(accepted)}.e31.AAAA`],
    ['white space', ` ${compact(accepted)}`],
    ['a signature that is not base64url', compact(accepted, {}, 'A+/=')],
    ['more than 16,384 characters', compact(accepted, { pad: 'x'.repeat(16_384) })],
  ])('refuses %s', (_, token) => {
    expect(parseJwt(compact(accepted), types).claims).toEqual({});
    expect(refusal(token).code).toBe('invalid_jwt');
  });

  it('answers anything at all with a SignatureError, and never shows it whole', () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => toBase64url(new TextEncoder().encode(json))),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        expect(refusal(parts.join('.'))).toBeInstanceOf(SignatureError);
      }),
    );
    expect(refusal(compact({ typ: 'x'.repeat(5000) })).message.length).toBeLessThan(200);
  });
});

describe('decodeTokenForDisplay', () => {
  it('shows header and claims without verifying, and nothing for what is no token', () => {
    expect(decodeTokenForDisplay(compact(accepted, { sub: 'x' }, ''))).toEqual({
      header: accepted,
      claims: { sub: 'x' },
    });
    fc.assert(fc.property(fc.string(), (text) => void decodeTokenForDisplay(text)));
    expect(decodeTokenForDisplay('no token')).toBeUndefined();
  });
});
