import { describe, expect, test } from 'vitest';
import {
  body,
  type EditableMessage,
  edit,
  newKey,
  refusal,
  signAgain,
  signedAt,
  signedRequest,
  verify,
} from '../../test/signed-request.ts';
import { SignatureError, type SignatureErrorCode } from '../errors.ts';
import { webCryptoKeys } from '../keys/webcrypto.ts';
import { nodeKeys } from '../node/keys.ts';
import { hwkScheme } from './hwk.ts';
import { hwkSignatureKey } from './signature-key.ts';

describe('a request that holds', () => {
  test('tells who signed what', async () => {
    const key = await newKey();
    const message = await signedRequest({ key });
    const verified = await verify(message);
    expect(verified).toMatchObject({
      label: 'sig',
      jkt: key.thumbprint,
      publicJwk: key.publicJwk,
      identity: { scheme: 'hwk' },
      components: ['@method', '@authority', '@path', 'signature-key', '@query', 'content-type', 'content-digest'],
      created: signedAt,
      expires: undefined,
      hasBody: true,
      bodyVerified: true,
    });
    expect(verified.contentDigest).toEqual(new Uint8Array(await nodeKeys.sha256(body)));
    expect(verified.base).toBe(
      [
        '"@method": POST',
        '"@authority": agent.example',
        '"@path": /tasks',
        `"signature-key": sig=${hwkSignatureKey(key.publicJwk).value}`,
        '"@query": ?limit=3',
        '"content-type": application/json',
        `"content-digest": ${message.headers.get('content-digest')}`,
        `"@signature-params": ${message.headers.get('signature-input')?.slice(4)}`,
      ].join('\n'),
    );
  });

  test.each([
    ['Ed25519', webCryptoKeys],
    ['ES256', webCryptoKeys],
    ['ES256', nodeKeys],
  ] as const)('%s', async (alg, keys) => {
    const message = await signedRequest({ key: await newKey(alg, keys) });
    await verify(message, { schemes: { hwk: hwkScheme({ keys }) }, keys });
  });

  test('W18: never names alg or keyid; alg and keyid of others decide nothing', async () => {
    const key = await newKey();
    const kid = { ...key, kid: 'k1', publicJwk: { ...key.publicJwk, kid: 'k1' } };
    const message = await signedRequest({ key: kid });
    expect(message.headers.get('signature-input')).toMatch(/\);created=1790000000$/);
    const [params, signature] = await signAgain(message, kid, ';alg="rsa-v1_5-sha256";keyid="k2";nonce="n";tag="t"');
    message.headers.set('signature-input', params);
    message.headers.set('signature', signature);
    expect((await verify(message)).base).toContain(';alg="rsa-v1_5-sha256"');
    edit(message, 'signature-input', 'rsa-v1_5-sha256', 'ed25519');
    expect(await refusal(verify(message))).toMatchObject({ code: 'invalid_signature' });
  });

  test('without a body needs neither content-type nor content-digest', async () => {
    const message = await signedRequest({
      method: 'GET',
      headers: {},
      additionalComponents: ['@query', 'content-digest'],
    });
    const options = { requiredComponents: ['@query', 'content-type', 'content-digest'], body: undefined };
    const verified = await verify(message, options);
    expect(verified).toMatchObject({ hasBody: false, bodyVerified: false, contentDigest: undefined });
  });

  test('whose body is to follow tells what to compare it with', async () => {
    const verified = await verify(await signedRequest(), { body: 'deferred' });
    expect(verified).toMatchObject({ hasBody: true, bodyVerified: false });
    expect(verified.contentDigest).toEqual(new Uint8Array(await nodeKeys.sha256(body)));
  });

  test.each([signedAt - 60, signedAt + 60])('at the edge of the window, seen at %i', async (now) => {
    await verify(await signedRequest(), { now: () => now });
  });

  test('with a longer window', async () => {
    await verify(await signedRequest(), { now: () => signedAt + 119, window: 120 });
  });

  test('under the only label, whatever it is called', async () => {
    const message = await signedRequest();
    const key = await newKey();
    for (const field of ['signature-key', 'signature-input', 'signature']) edit(message, field, 'sig=', 'other=');
    message.headers.set('signature-key', `other=${hwkSignatureKey(key.publicJwk).value}`);
    const [params, signature] = await signAgain(message, key, '', 'other');
    message.headers.set('signature-input', params);
    message.headers.set('signature', signature);
    expect(await verify(message)).toMatchObject({ label: 'other', jkt: key.thumbprint });
  });

  test('under the label sig, beside others that are ignored', async () => {
    const message = await signedRequest();
    message.headers.append('signature-input', 'proxy=("@method");created=1');
    message.headers.append('signature', 'proxy=:AAAA:');
    expect(await verify(message)).toMatchObject({ label: 'sig' });
  });

  test('with a key that its owner has just replaced', async () => {
    const [published, cached] = [await newKey(), await newKey()];
    const key = await nodeKeys.verificationKey(published.publicJwk);
    const resolved = { key: await nodeKeys.verificationKey(cached.publicJwk), identity: { scheme: 'hwk' } } as const;
    const message = await signedRequest({ key: published });
    const answers = [undefined, resolved.key, key];
    const attempt = () => {
      const newer = answers.shift();
      return verify(message, { schemes: { hwk: () => ({ ...resolved, keyAfterFailure: async () => newer }) } });
    };
    expect(await refusal(attempt())).toMatchObject({ code: 'invalid_signature' });
    expect(await refusal(attempt())).toMatchObject({ code: 'invalid_signature' });
    expect(await attempt()).toMatchObject({ jkt: published.thumbprint });
  });

  test('covers authorization whenever it is sent', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'AAuth token' };
    expect((await verify(await signedRequest({ headers }))).components).toContain('authorization');
  });
});

describe('the order of the checks decides the error', () => {
  const faults: [SignatureErrorCode, (message: EditableMessage) => void][] = [
    ['invalid_signature', ({ headers }) => headers.delete('signature')],
    ['invalid_input', (message) => edit(message, 'signature-input', '"@path" ', '')],
    ['clock_skew', (message) => edit(message, 'signature-input', /created=\d+/, `created=${signedAt + 500}`)],
    ['unsupported_scheme', (message) => edit(message, 'signature-key', 'hwk', 'cached')],
    ['unsupported_algorithm', (message) => edit(message, 'signature-key', 'alg="Ed25519"', 'alg="none"')],
  ];

  test.each(faults.map(([code], index) => [code, index] as const))(
    '%s comes before what follows it',
    async (code, index) => {
      const message = await signedRequest();
      for (const [, alter] of faults.slice(index)) alter(message);
      expect(await refusal(verify(message, { body: undefined }))).toMatchObject({ code });
    },
  );
});

test('what a scheme throws goes through unchanged', async () => {
  const error = new SignatureError('unknown_key', 'No such kid.');
  const message = await signedRequest();
  const throwing = () => Promise.reject(error);
  await expect(verify(message, { schemes: { hwk: throwing } })).rejects.toBe(error);
});
