import { describe, expect, test } from 'vitest';
import { nodeKeys } from '../node/keys.ts';
import { parsePrivateJwk, parsePublicJwk, toPublicJwk } from './jwk.ts';
import { type KeyBackend, signatureAlgorithms } from './types.ts';
import { webCryptoKeys } from './webcrypto.ts';

const backends: [string, KeyBackend, KeyBackend][] = [
  ['webCryptoKeys', webCryptoKeys, nodeKeys],
  ['nodeKeys', nodeKeys, webCryptoKeys],
];
const data = new TextEncoder().encode('what was signed');

describe.each(backends)('%s', (_name, keys, others) => {
  test.each(signatureAlgorithms)('%s: what one backend signs the other verifies', async (alg) => {
    const jwk = parsePrivateJwk({ ...(await keys.generate(alg)), kid: 'k1' });
    expect(jwk.alg).toBe(alg);
    const key = await keys.signingKey(jwk);
    expect(key).toMatchObject({ alg, kid: 'k1', publicJwk: toPublicJwk(jwk) });
    const signature = await key.sign(data);
    expect(signature.length).toBe(64);
    for (const backend of [keys, others]) {
      const verifier = await backend.verificationKey(key.publicJwk);
      expect(verifier.thumbprint).toBe(key.thumbprint);
      expect(await verifier.verify(signature, data)).toBe(true);
      expect(await verifier.verify(signature, data.subarray(1))).toBe(false);
    }
  });

  test.each(signatureAlgorithms)('%s: a signature of any other shape is false, never an exception', async (alg) => {
    const key = await keys.signingKey(await keys.generate(alg));
    const verifier = await keys.verificationKey(key.publicJwk);
    const signature = await key.sign(data);
    const others = [
      new Uint8Array(),
      signature.subarray(1),
      new Uint8Array(65),
      new Uint8Array(64),
      signature.with(3, 7 ^ (signature[3] ?? 0)),
    ];
    for (const other of others) expect(await verifier.verify(other, data)).toBe(false);
  });

  test('refuses a point that is not on the curve', async () => {
    const { d: _, ...jwk } = { ...(await keys.generate('ES256')) };
    const offCurve = parsePublicJwk({ ...jwk, y: jwk.x });
    await expect(async () => keys.verificationKey(offCurve)).rejects.toMatchObject({ code: 'invalid_key' });
  });

  test.each(signatureAlgorithms)('%s: refuses a private half that belongs to another key', async (alg) => {
    const [one, two] = [await keys.generate(alg), await keys.generate(alg)];
    const mixed = parsePrivateJwk({ ...one, d: two.d });
    await expect(async () => keys.signingKey(mixed)).rejects.toMatchObject({ code: 'invalid_key' });
  });

  test('hashes a view of a larger buffer and nothing around it', async () => {
    const view = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    expect(Buffer.from(await keys.sha256(view))).toEqual(Buffer.from(await others.sha256(new Uint8Array([1, 2]))));
  });
});

test('nodeKeys answers at once: nothing on its path is a promise', () => {
  const key = nodeKeys.signingKey(parsePrivateJwk(nodeKeys.generate('Ed25519')));
  expect(key).not.toBeInstanceOf(Promise);
  expect(nodeKeys.sha256(data)).toBeInstanceOf(Uint8Array);
});
