import { describe, expect, test } from 'vitest';
import {
  acceptingOptions,
  body,
  type EditableMessage,
  edit,
  newKey,
  refusal,
  signedAt,
  signedRequest,
  verify,
} from '../../test/signed-request.ts';
import type { SignatureErrorCode } from '../errors.ts';
import { toProblem } from '../problem.ts';
import { hwkSignatureKey } from './signature-key.ts';
import type { VerifyMessageOptions } from './verify.ts';

const required = '("@method" "@authority" "@path" "signature-key" "@query" "content-type" "content-digest")';

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

  test('what was sent comes back in short form only', async () => {
    const long = 'a'.repeat(5000);
    for (const [field, from, to] of [
      ['signature-key', 'hwk', long],
      ['signature-input', '"@path"', `"@path" "@${long}"`],
      ['signature-input', 'sig=', `${long}=1, b=`],
      ['signature', 'sig=', `${long}=:AAAA:, ${long}=`],
    ] as const) {
      const message = await signedRequest();
      edit(message, field, from, to);
      expect((await refusal(verify(message))).message.length).toBeLessThan(250);
    }
  });
});
