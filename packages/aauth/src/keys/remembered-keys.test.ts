import { describe, expect, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { nodeKeys } from '../node/keys.ts';
import { rememberKeys } from './remembered-keys.ts';
import type { PublicJwk } from './types.ts';
import { webCryptoKeys } from './webcrypto.ts';

function setUp(keys: Pick<typeof nodeKeys, 'verificationKey'> = nodeKeys, maxEntries?: number) {
  const made: PublicJwk[] = [];
  const verificationKey = (jwk: PublicJwk) => {
    made.push(jwk);
    return keys.verificationKey(jwk);
  };
  return { made, remembered: rememberKeys({ verificationKey }, maxEntries) };
}

describe('remembered keys', () => {
  it.each([
    ['node:crypto', nodeKeys],
    ['WebCrypto', webCryptoKeys],
  ])('are made ready once, on %s', async (_, keys) => {
    const { publicJwk } = await createKey();
    const { made, remembered } = setUp(keys);
    const key = await remembered.verificationKey(publicJwk);
    expect(await remembered.verificationKey({ ...publicJwk })).toBe(key);
    expect(made).toHaveLength(1);
    expect(key.publicJwk).toEqual(publicJwk);
  });

  it('are told apart by every member', async () => {
    const { x } = (await createKey()).publicJwk;
    const ec = (await createKey('k', 'ES256')).publicJwk;
    const { remembered } = setUp();
    const okp = { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', x } as const;
    const jwks: PublicJwk[] = [
      okp,
      { ...okp, kid: 'a' },
      { ...okp, kid: 'sig a' },
      { ...okp, use: 'sig', kid: 'a' },
      ec,
    ];
    for (const jwk of jwks) await remembered.verificationKey(jwk);
    for (const jwk of jwks) expect((await remembered.verificationKey(jwk)).publicJwk).toEqual(jwk);
  });

  it('do not include what is no key', async () => {
    const { publicJwk } = await createKey('k', 'ES256');
    const offCurve = { ...publicJwk, y: publicJwk.x };
    const { made, remembered } = setUp();
    for (const _ of [1, 2]) expect(() => remembered.verificationKey(offCurve)).toThrow('coordinates');
    expect(made).toHaveLength(2);
  });

  it('are no more than they may be; the one that was not used for longest goes', async () => {
    const keys = await Promise.all(['a', 'b', 'c'].map((kid) => createKey(kid)));
    const { made, remembered } = setUp(nodeKeys, 2);
    for (const at of [0, 1, 0, 2, 0, 1]) {
      const jwk = keys[at]?.publicJwk;
      if (jwk) await remembered.verificationKey(jwk);
    }
    expect(made.map(({ kid }) => kid)).toEqual(['a', 'b', 'c', 'b']);
  });
});
