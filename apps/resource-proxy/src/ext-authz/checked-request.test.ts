import { expect, test } from 'vitest';
import { readCheckedRequest } from './checked-request.ts';
import type { HttpAttributes } from './wire/check-request.ts';

const attributes = (changes: Partial<HttpAttributes> = {}, headers: Record<string, string> = {}): HttpAttributes => ({
  method: 'POST',
  path: '/notes?page=2',
  query: '',
  host: 'notes.localhost:8090',
  protocol: 'HTTP/1.1',
  headers: new Map(Object.entries(headers)),
  headerBytes: 0,
  body: undefined,
  size: 0n,
  ...changes,
});

const body = new TextEncoder().encode('{}');

test('the target comes in one piece, or in two', () => {
  const expected = { method: 'POST', authority: 'notes.localhost:8090', path: '/notes', query: '?page=2' };
  expect(readCheckedRequest(attributes()).message).toMatchObject(expected);
  expect(readCheckedRequest(attributes({ path: '/notes', query: 'page=2' })).message).toMatchObject(expected);
  expect(readCheckedRequest(attributes({ path: '/notes?' })).message).toMatchObject({ path: '/notes', query: '?' });
});

test.each<[string, Partial<HttpAttributes>, Record<string, string>, string]>([
  ['the host alone', { host: 'a.example' }, {}, 'a.example'],
  ['a host in capitals', { host: 'A.Example' }, {}, 'a.example'],
  ['the port of the scheme', { host: 'a.example:443' }, {}, 'a.example'],
  ['no host, but the pseudo header', { host: '' }, { ':authority': 'a.example:3000' }, 'a.example:3000'],
  ['a gateway that drops the port of one', { host: 'a.example' }, { ':authority': 'a.example:3000' }, 'a.example:3000'],
  ['a gateway that drops the port of another', { host: 'a.example:3000' }, { host: 'a.example' }, 'a.example:3000'],
  ['an address', { host: '[::1]:3000' }, {}, '[::1]:3000'],
])('the authority: %s', (_name, changes, headers, authority) => {
  expect(readCheckedRequest(attributes(changes, headers)).message.authority).toBe(authority);
});

test.each<[string, Partial<HttpAttributes>, Record<string, string>]>([
  ['no host', { host: '' }, {}],
  ['two hosts', { host: 'a.example' }, { ':authority': 'b.example' }],
  ['two ports', { host: 'a.example:1' }, { host: 'a.example:2' }],
  ['no host name', { host: 'a example' }, {}],
  ['a host with a path', { host: 'a.example/b' }, {}],
  ['no method', { method: '' }, {}],
  ['a method with a space', { method: 'GET /' }, {}],
  ['no path', { path: '' }, {}],
  ['a path without slash', { path: '*' }, {}],
  ['a path with a line break', { path: '/a\r\nb' }, {}],
  ['a path with a fragment', { path: '/a#b' }, {}],
  ['a path that is not ASCII', { path: '/Jos\u00e9' }, {}],
])('%s is refused', (_name, changes, headers) => {
  expect(() => readCheckedRequest(attributes(changes, headers))).toThrow(
    expect.objectContaining({ code: 'invalid_request', status: 400 }),
  );
});

test('headers above the limit are refused as what they are', () => {
  expect(() => readCheckedRequest(attributes({ headerBytes: 64 * 1024 + 1 }))).toThrow(
    expect.objectContaining({ code: 'headers_too_large', status: 431 }),
  );
});

test.each<[string, Partial<HttpAttributes>, Record<string, string>, object]>([
  ['whole', { body }, { 'content-length': '2' }, { body, mayHaveBody: true }],
  ['whole, of unannounced length', { body }, { 'transfer-encoding': 'chunked' }, { body, mayHaveBody: true }],
  ['shorter than announced, and nobody knows why', { body }, { 'content-length': '3' }, { body, mayHaveBody: true }],
  [
    'cut off by Envoy',
    { body, size: 3n },
    { 'x-envoy-auth-partial-body': 'true', 'transfer-encoding': 'chunked' },
    { body: 'deferred', mayHaveBody: true },
  ],
  ['cut off by agentgateway', { body, size: -1n }, {}, { body: 'deferred', mayHaveBody: true }],
  [
    'said by a client to be cut off',
    { body, size: 2n },
    { 'x-envoy-auth-partial-body': 'true', 'transfer-encoding': 'chunked' },
    { body, mayHaveBody: true },
  ],
  [
    'said by a client to be cut off, at a gateway that gives no size',
    { body },
    { 'x-envoy-auth-partial-body': 'true' },
    { body, mayHaveBody: true },
  ],
  ['kept by the gateway', {}, { 'content-length': '2' }, { body: 'deferred', mayHaveBody: true }],
  ['kept, chunked', {}, { 'transfer-encoding': 'chunked' }, { body: 'deferred', mayHaveBody: true }],
  ['of a length that is none', {}, { 'content-length': 'x' }, { body: 'deferred', mayHaveBody: true }],
  ['none', {}, {}, { body: undefined, mayHaveBody: false }],
  ['none, and said so', {}, { 'content-length': '0' }, { body: undefined, mayHaveBody: false }],
  ['perhaps none (HTTP/2)', { protocol: 'HTTP/2' }, {}, { body: undefined, mayHaveBody: true }],
  ['none, and said so (HTTP/2)', { protocol: 'HTTP/2' }, { 'content-length': '0' }, { mayHaveBody: false }],
  [
    'perhaps none, but signed for (HTTP/2)',
    { protocol: 'HTTP/2' },
    { 'content-digest': 'sha-256=:x:' },
    { body: 'deferred', mayHaveBody: true },
  ],
])('the body is %s', (_name, changes, headers, expected) => {
  expect(readCheckedRequest(attributes(changes, headers))).toMatchObject(expected);
});
