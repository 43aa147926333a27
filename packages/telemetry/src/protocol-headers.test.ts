import { describe, expect, test } from 'vitest';
import { requestHeaderAttributes, responseHeaderAttributes } from './protocol-headers.ts';

const jwt = 'eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJhIn0.c2lnbmF0dXJl';
const lookup = (headers: Record<string, string | string[] | number>) => (name: string) => headers[name];

describe('the headers on spans', () => {
  test('are those that the protocol is made of, each under the name that OpenTelemetry gives it', () => {
    const headers = {
      'signature-input': 'sig=("@method");created=1',
      'content-type': 'application/json',
      'x-aauth-agent': 'aauth:a@b',
      origin: ['http://localhost:3050'],
      'user-agent': 'curl',
    };
    expect(requestHeaderAttributes(lookup(headers))).toEqual({
      'http.request.header.signature-input': ['sig=("@method");created=1'],
      'http.request.header.content-type': ['application/json'],
      'http.request.header.x-aauth-agent': ['aauth:a@b'],
      'http.request.header.origin': ['http://localhost:3050'],
    });
    expect(responseHeaderAttributes(lookup({ 'retry-after': 5, 'signature-error': 'error=expired_jwt' }))).toEqual({
      'http.response.header.retry-after': ['5'],
      'http.response.header.signature-error': ['error=expired_jwt'],
    });
  });

  test('hold no complete token', () => {
    const cut = jwt.replace(/[^.]+$/, '…');
    expect(requestHeaderAttributes(lookup({ 'signature-key': `sig=jwt;jwt="${jwt}"` }))).toEqual({
      'http.request.header.signature-key': [`sig=jwt;jwt="${cut}"`],
    });
    const requirement = `requirement=auth-token;resource-token="${jwt}"`;
    expect(responseHeaderAttributes(lookup({ 'aauth-requirement': requirement }))).toEqual({
      'http.response.header.aauth-requirement': [`requirement=auth-token;resource-token="${cut}"`],
    });
  });

  test('hold nothing that speaks for an agent, a proxy or a person', () => {
    const secrets = {
      signature: 'sig=:c2lnbmF0dXJl:',
      authorization: 'AAuth opaque',
      cookie: 'session=1',
      'x-aauth-proxy-secret': 'secret',
      'x-aauth-token': jwt,
      'aauth-access': 'opaque',
      'set-cookie': 'session=1',
    };
    expect(requestHeaderAttributes(lookup(secrets))).toEqual({});
    expect(responseHeaderAttributes(lookup(secrets))).toEqual({});
  });

  test.each([
    [
      'aauth-requirement',
      'requirement=interaction;url="http://ps/ui/consent"; code="ABCD-1234"',
      'requirement=interaction;url="http://ps/ui/consent"; code="REDACTED"',
    ],
    [
      'location',
      'http://ps/ui/consent?code=ABCD-1234&callback=http://x/',
      'http://ps/ui/consent?code=REDACTED&callback=http://x/',
    ],
  ])('hold no code of the person: %s', (name, sent, kept) => {
    expect(responseHeaderAttributes(lookup({ [name]: sent }))).toEqual({ [`http.response.header.${name}`]: [kept] });
  });
});
