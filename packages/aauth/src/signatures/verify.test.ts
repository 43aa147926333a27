import { describe, expect, test } from 'vitest';
import {
  acceptingOptions,
  body,
  type EditableMessage,
  newKey,
  refusal,
  signedAt,
  signedRequest,
  verify,
} from '../../test/signed-request.ts';
import { SignatureError, type SignatureErrorCode } from '../errors.ts';
import { webCryptoKeys } from '../keys/webcrypto.ts';
import { nodeKeys } from '../node/keys.ts';
import { toProblem } from '../problem.ts';
import { hwkScheme } from './hwk.ts';
import { hwkSignatureKey } from './signature-key.ts';
import type { VerifyMessageOptions } from './verify.ts';

const required = '("@method" "@authority" "@path" "signature-key" "@query" "content-type" "content-digest")';

function edit(message: EditableMessage, field: string, from: string | RegExp, to: string): void {
  const value = message.headers.get(field) ?? '';
  const edited = value.replace(from, to);
  if (edited === value) throw new Error(`${field} has nothing to edit: ${value}`);
  message.headers.set(field, edited);
}

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

interface Row {
  name: string;
  code: SignatureErrorCode;
  alter?: (message: EditableMessage) => unknown;
  options?: Partial<VerifyMessageOptions<never>>;
  headers?: Record<string, string>;
}

const inputHeaders = { 'signature-error': `error=invalid_input, required_input=${required}` };

const rows: Row[] = [
  ...['signature', 'signature-input', 'signature-key'].map<Row>((field) => ({
    name: `unsigned: no ${field}`,
    code: 'invalid_signature',
    alter: ({ headers }) => headers.delete(field),
  })),
  {
    name: 'wrong key',
    code: 'invalid_signature',
    alter: async ({ headers }) =>
      headers.set('signature-key', `sig=${hwkSignatureKey((await newKey()).publicJwk).value}`),
  },
  { name: 'tampered method', code: 'invalid_signature', alter: (message) => Object.assign(message, { method: 'PUT' }) },
  {
    name: 'method in another case',
    code: 'invalid_signature',
    alter: (message) => Object.assign(message, { method: 'post' }),
  },
  { name: 'tampered path', code: 'invalid_signature', alter: (message) => Object.assign(message, { path: '/tasks/' }) },
  {
    name: 'W18: tampered query',
    code: 'invalid_signature',
    alter: (message) => Object.assign(message, { query: '?limit=4' }),
  },
  { name: 'query gone', code: 'invalid_signature', alter: (message) => Object.assign(message, { query: '' }) },
  {
    name: 'tampered authority',
    code: 'invalid_signature',
    alter: (message) => Object.assign(message, { authority: 'b.example' }),
  },
  { name: 'W18: tampered body', code: 'invalid_signature', options: { body: body.with(3, 65) } },
  { name: 'body cut off', code: 'invalid_signature', options: { body: body.subarray(1) } },
  { name: 'body gone', code: 'invalid_signature', options: { body: undefined } },
  {
    name: 'tampered content-type',
    code: 'invalid_signature',
    alter: ({ headers }) => headers.set('content-type', 'text/plain'),
  },
  {
    name: 'tampered content-digest',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'content-digest', /:./, ':/'),
  },
  {
    name: 'tampered signature',
    code: 'invalid_signature',
    alter: (message) =>
      edit(message, 'signature', /:./, (message.headers.get('signature') ?? '')[5] === 'A' ? ':B' : ':A'),
  },
  {
    name: 'short signature',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature', /:.*/, ':AAAA:'),
  },
  { name: 'created old', code: 'invalid_signature', options: { now: () => signedAt + 61 } },
  { name: 'created ahead', code: 'clock_skew', options: { now: () => signedAt - 61 } },
  {
    name: 'W18: no created',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-input', /;created=\d+/, ''),
  },
  {
    name: 'created that is no integer',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-input', /created=(\d+)/, 'created="$1"'),
  },
  {
    name: 'created with a fraction',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-input', /created=(\d+)/, 'created=$1.5'),
  },
  {
    name: 'created altered',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-input', `created=${signedAt}`, `created=${signedAt + 1}`),
  },
  {
    name: 'missing component',
    code: 'invalid_input',
    alter: (message) => edit(message, 'signature-input', '"@path" ', ''),
    headers: inputHeaders,
  },
  {
    name: 'signature-key not covered',
    code: 'invalid_input',
    alter: (message) => edit(message, 'signature-input', '"signature-key" ', ''),
    headers: inputHeaders,
  },
  {
    name: 'W18: body not covered',
    code: 'invalid_input',
    alter: (message) => edit(message, 'signature-input', ' "content-digest"', ''),
    headers: inputHeaders,
  },
  {
    name: 'body to follow not covered',
    code: 'invalid_input',
    options: { body: 'deferred' },
    alter: (message) => edit(message, 'signature-input', ' "content-digest"', ''),
    headers: inputHeaders,
  },
  {
    name: 'a component the resource adds not covered',
    code: 'invalid_input',
    options: { requiredComponents: ['@query', 'x-tenant'], requireBodyCoverage: false },
    headers: {
      'signature-error':
        'error=invalid_input, required_input=("@method" "@authority" "@path" "signature-key" "@query" "x-tenant")',
    },
  },
  {
    name: 'authorization added and not covered',
    code: 'invalid_input',
    alter: ({ headers }) => headers.set('authorization', 'Bearer stolen'),
    headers: { 'signature-error': `error=invalid_input, required_input=${required.slice(0, -1)} "authorization")` },
  },
  {
    name: 'a covered field gone',
    code: 'invalid_input',
    alter: ({ headers }) => headers.delete('content-type'),
    headers: inputHeaders,
  },
  ...[
    '"@path";req',
    '"content-type";sf',
    '"content-type";bs',
    '"signature-key";key="sig"',
    '"@path" "@path"',
    '@path',
    'path',
  ].map<Row>((component) => ({
    name: `component ${component}`,
    code: component === '@path' ? 'invalid_signature' : 'invalid_input',
    alter: (message) => edit(message, 'signature-input', '"@path"', component),
  })),
  ...['@status', '@target-uri', '@query-param', 'Content-Type', '', 'a b', '__proto__'].map<Row>((name) => ({
    name: `component "${name}"`,
    code: 'invalid_input',
    alter: (message) => edit(message, 'signature-input', '"@path"', `"@path" "${name}"`),
    headers: inputHeaders,
  })),
  ...['cached', 'x509', 'self-jwt', 'constructor', '__proto__', 'HWK'].map<Row>((scheme) => ({
    name: `unknown scheme ${scheme}`,
    code: 'unsupported_scheme',
    alter: (message) => edit(message, 'signature-key', 'hwk', scheme === '__proto__' ? 'a__proto__' : scheme),
    headers: { 'signature-error': 'error=unsupported_scheme', 'accept-signature-scheme': 'hwk' },
  })),
  {
    name: 'a scheme that is known and not accepted here',
    code: 'unsupported_scheme',
    options: { schemes: { jwt: acceptingOptions.schemes.hwk, jwks_uri: acceptingOptions.schemes.hwk } },
    headers: { 'signature-error': 'error=unsupported_scheme', 'accept-signature-scheme': 'jwt, jwks_uri' },
  },
  {
    name: 'algorithm that is not accepted',
    code: 'unsupported_algorithm',
    alter: (message) => edit(message, 'signature-key', 'alg="Ed25519"', 'alg="EdDSA"'),
    headers: { 'signature-error': 'error=unsupported_algorithm', 'accept-signature-alg': 'Ed25519, ES256' },
  },
  {
    name: 'two labels without sig',
    code: 'invalid_input',
    alter: ({ headers }) => {
      headers.set('signature-input', `a=("@method");created=1, b=${headers.get('signature-input')?.slice(4)}`);
    },
    headers: inputHeaders,
  },
  ...['signature', 'signature-input', 'signature-key'].flatMap<Row>((field) => [
    {
      name: `repeated label in ${field}`,
      code: 'invalid_signature',
      alter: ({ headers }) => headers.set(field, `${headers.get(field)}, ${headers.get(field)}`),
    },
    {
      name: `repeated label in a second ${field}`,
      code: 'invalid_signature',
      alter: ({ headers }) => headers.append(field, headers.get(field) ?? ''),
    },
    {
      name: `label absent from ${field}`,
      code: 'invalid_signature',
      alter: ({ headers }) => {
        if (field === 'signature-input') headers.set(field, 'sig');
        else headers.set(field, (headers.get(field) ?? '').replace('sig=', 'gis='));
      },
    },
    ...[
      'sig',
      'sig=',
      '=',
      ',',
      'sig=(',
      'sig=:',
      '"sig"=1',
      'sig=hwk;',
      'sig=1,',
      'é',
      'Sig=hwk',
      '[',
      '(("a"))',
    ].map<Row>((value) => ({
      name: `malformed ${field}: ${value}`,
      code: 'invalid_signature',
      alter: ({ headers }) => headers.set(field, value),
    })),
  ]),
  {
    name: 'repeated parameter in Signature-Key',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-key', ';x=', ';alg="Ed25519";x='),
  },
  {
    name: 'repeated parameter in Signature-Input',
    code: 'invalid_signature',
    alter: (message) => edit(message, 'signature-input', ';created', ';created=1;created'),
  },
];

describe('a request just seen accepted is refused with', () => {
  test.each(rows)('$name: $code', async ({ code, alter, options, headers }) => {
    const message = await signedRequest();
    await verify(message);
    await alter?.(message);
    const error = await refusal(verify(message, options));
    expect(error.code).toBe(code);
    const response = toProblem(error);
    expect(response.status).toBe(401);
    expect(response.headers).toMatchObject(headers ?? { 'signature-error': expect.stringContaining(`error=${code}`) });
    expect(JSON.parse(response.body)).toMatchObject({
      type: `urn:ietf:params:sig-error:${code}`,
      status: 401,
      error: code,
      detail: expect.any(String),
    });
  });

  test('expires in the past: invalid_signature', async () => {
    const message = await signedRequest({ expires: signedAt + 10 });
    expect(await verify(message, { now: () => signedAt + 9 })).toMatchObject({ expires: signedAt + 10 });
    expect(await refusal(verify(message, { now: () => signedAt + 10 }))).toMatchObject({ code: 'invalid_signature' });
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

// Signs the message anew with further parameters, as a peer might send it.
async function signAgain(
  message: EditableMessage,
  key: Awaited<ReturnType<typeof newKey>>,
  parameters: string,
  label = 'sig',
): Promise<[string, string]> {
  const { signatureBase } = await import('./signature-base.ts');
  const { parseSignatureInput } = await import('./signature-input.ts');
  const field = `${(message.headers.get('signature-input') ?? '').replace(/^[a-z]+/, label)}${parameters}`;
  const { components, signatureParams } = parseSignatureInput(field, []);
  const signature = await key.sign(new TextEncoder().encode(signatureBase(message, components, signatureParams)));
  return [field, `${label}=:${Buffer.from(signature).toString('base64')}:`];
}
