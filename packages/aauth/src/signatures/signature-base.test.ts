import { describe, expect, test } from 'vitest';
import { ComponentError, componentValue } from './components.ts';
import { messageFromRequest } from './message.ts';
import { redactSignatureBase, signatureBase } from './signature-base.ts';
import type { HttpMessage } from './types.ts';

const message = (parts: Partial<HttpMessage> & { fields?: Record<string, string> } = {}): HttpMessage => ({
  method: 'GET',
  authority: 'agent.example',
  path: '/tasks',
  query: '',
  headers: { get: (name) => parts.fields?.[name] ?? null },
  ...parts,
});

describe('componentValue', () => {
  test.each([
    ['@method', message({ method: 'M-SEARCH' }), 'M-SEARCH'],
    ['@authority', message({ authority: 'agent.example:8443' }), 'agent.example:8443'],
    ['@path', message({ path: '/a%2Fb/' }), '/a%2Fb/'],
    ['@path', message({ path: '' }), '/'],
    ['@query', message({ query: '?a=1&b=%20' }), '?a=1&b=%20'],
    ['@query', message({ query: '' }), '?'],
    ['x-note', message({ fields: { 'x-note': ' \t one,  two \t' } }), 'one,  two'],
    ['x-note', message({ fields: { 'x-note': '' } }), ''],
    ['x-note', message({ fields: { 'x-note': 'one \r\n  two\n\tthree' } }), 'one two three'],
    ['x-note', message({ fields: { 'x-note': '\r\n one\r\n ' } }), 'one'],
    ['x-note', message(), undefined],
  ])('%s', (name, from, expected) => {
    expect(componentValue(from, name)).toBe(expected);
  });

  test.each([
    '@status',
    '@target-uri',
    '@scheme',
    '@query-param',
    '@signature-params',
    'X-Note',
    'x note',
    '',
    '"',
    'é',
    'constructor ',
  ])('refuses the name %j', (name) => {
    expect(() => componentValue(message({ fields: { [name]: 'a' } }), name)).toThrow(ComponentError);
  });

  test.each(['é', 'a\0', 'a\rb', 'a\r', 'a\n', 'a\r\r\n b', 'one\n"@method": DELETE', '\u00a0'])(
    'refuses the value %j',
    (value) => {
      expect(() => componentValue(message({ fields: { 'x-note': value } }), 'x-note')).toThrow(ComponentError);
      expect(() => componentValue(message({ path: value }), '@path')).toThrow(ComponentError);
    },
  );

  test('is quick with long values', () => {
    const spaces = ' '.repeat(60_000);
    const start = performance.now();
    componentValue(message({ fields: { a: `x${spaces}y${spaces}`, b: `x${spaces}\ny` } }), 'a');
    expect(() => componentValue(message({ fields: { b: `x${spaces}\ny` } }), 'b')).toThrow(ComponentError);
    redactSignatureBase('"signature-key": '.concat('ey'.repeat(30_000)));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test('messageFromRequest takes host, path and query from the URL', () => {
  const of = (url: string, authority?: string) => messageFromRequest(new Request(url), { authority });
  expect(of('https://Agent.Example:443')).toMatchObject({ authority: 'agent.example', path: '/', query: '' });
  expect(of('http://agent.localhost:3000/a?b=c#d')).toMatchObject({
    authority: 'agent.localhost:3000',
    path: '/a',
    query: '?b=c',
  });
  expect(of('http://10.0.0.1:9999/', 'Agent.Example')).toMatchObject({ authority: 'agent.example' });
});

describe('redactSignatureBase', () => {
  const header = 'eyJhbGciOiJFZDI1NTE5In0';
  const claims = 'eyJpc3MiOiJodHRwczovL2FwLmV4YW1wbGUifQ';
  const secret = 'c2lnbmF0dXJl-_';

  test('keeps everything but the signature parts of tokens and the credentials', () => {
    const fields = {
      'signature-key': `sig=jwt;jwt="${header}.${claims}.${secret}", other=jkt-jwt;jwt="ewo.${claims}.${secret}"`,
      authorization: `AAuth ${secret}`,
      'x-token': `${header}.${claims}.${secret}`,
      'x-version': '1.2.3',
    };
    const names = ['@authority', ...Object.keys(fields)];
    const base = signatureBase(message({ fields, authority: 'a.b.example' }), names, '("signature-key");created=1');
    const redacted = redactSignatureBase(base);
    expect(redacted).not.toContain(secret);
    expect(redacted).toBe(
      [
        '"@authority": a.b.example',
        `"signature-key": sig=jwt;jwt="${header}.${claims}.…", other=jkt-jwt;jwt="ewo.${claims}.…"`,
        '"authorization": …',
        `"x-token": ${header}.${claims}.…`,
        '"x-version": 1.2.3',
        '"@signature-params": ("signature-key");created=1',
      ].join('\n'),
    );
  });

  test('leaves a base without tokens alone', () => {
    const fields = { 'signature-key': 'sig=jwks_uri;id="https://a.b.example";dwk="aauth-person.json";kid="k.1"' };
    const base = signatureBase(message({ fields }), ['signature-key'], '("signature-key");created=1');
    expect(redactSignatureBase(base)).toBe(base);
  });
});
