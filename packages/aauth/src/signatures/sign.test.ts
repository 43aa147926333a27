import { describe, expect, test } from 'vitest';
import { body, newKey, signedAt, signedRequest } from '../../test/signed-request.ts';
import { signMessage } from './sign.ts';
import { hwkSignatureKey } from './signature-key.ts';

const input = async (options: Parameters<typeof signedRequest>[0]) =>
  (await signedRequest(options)).headers.get('signature-input');

describe('signMessage', () => {
  test('covers the four components, what it is told to, and the body', async () => {
    expect(await input({ method: 'GET', additionalComponents: undefined })).toBe(
      `sig=("@method" "@authority" "@path" "signature-key");created=${signedAt}`,
    );
    expect(await input({ additionalComponents: ['@query', '@path', 'content-digest'], expires: signedAt + 30 })).toBe(
      `sig=("@method" "@authority" "@path" "signature-key" "@query" "content-digest" "content-type");created=${signedAt};expires=${signedAt + 30}`,
    );
    expect(await input({ headers: {}, body })).toContain('"@query" "content-digest")');
    expect(await input({ method: 'GET', headers: { authorization: 'AAuth t' } })).toContain(
      '"@query" "authorization")',
    );
  });

  test('carries a nonce, which makes it another signature than that of a request alike', async () => {
    const key = await newKey();
    const [plain, one, two] = await Promise.all(
      [undefined, 'one', 'two'].map((nonce) => signedRequest({ key, nonce, method: 'GET', headers: {} })),
    );
    expect(one?.headers.get('signature-input')).toBe(`${plain?.headers.get('signature-input')};nonce="one"`);
    const signatures = [plain, one, two].map((message) => message?.headers.get('signature'));
    expect(new Set(signatures).size).toBe(3);
  });

  test('leaves out the body components a resource requires when there is no body', async () => {
    const additionalComponents = ['@query', 'content-type', 'content-digest'];
    expect(await input({ method: 'GET', headers: {}, additionalComponents })).toContain('"signature-key" "@query");');
  });

  test('replaces a digest and a key that the message carries', async () => {
    const message = await signedRequest({
      headers: { 'content-type': 'text/plain', 'content-digest': 'sha-256=:AAAA:', 'signature-key': 'sig=x' },
    });
    expect(message.headers.get('content-digest')).toMatch(/^sha-256=:.{43}=:$/);
    expect(message.headers.get('signature-key')).toMatch(/^sig=hwk;/);
  });

  test.each([
    ['a field that is not there', { additionalComponents: ['x-tenant'] }],
    ['a component that does not exist', { additionalComponents: ['@nothing'] }],
    ['a name in upper case', { additionalComponents: ['Content-Type'] }],
    ['a value that is not ASCII', { headers: { 'x-note': 'é' }, additionalComponents: ['x-note'] }],
    ['a created with a fraction', { created: signedAt + 0.5 }],
    ['an expires with a fraction', { expires: signedAt + 0.5 }],
  ])('W11: throws for %s instead of signing something else', async (_name, options) => {
    await expect(signedRequest(options)).rejects.toThrow(TypeError);
  });

  test('W11: what the key throws goes through', async () => {
    const key = await newKey();
    const broken = {
      ...key,
      sign: () => {
        throw new Error('The enclave is locked.');
      },
    };
    const message = { method: 'GET', authority: 'a.example', path: '/', query: '', headers: new Headers() };
    const signing = signMessage(message, {
      key: broken,
      signatureKey: hwkSignatureKey(key.publicJwk),
      created: signedAt,
    });
    await expect(signing).rejects.toThrow('The enclave is locked.');
  });
});
