import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendRaw, toText } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
});

/** The text of a request that is accepted as it stands, seen accepted, and then signed anew with one thing changed. */
async function altered(change: (text: string) => string): Promise<{ answer: string; reached: number }> {
  expect(await sendRaw(proxy.port, toText(await proxy.signed()))).toMatch(/^HTTP\/1\.1 200 /);
  proxy.clock.now += 1;
  const reached = proxy.backend.count();
  const text = toText(await proxy.signed());
  expect(change(text)).not.toBe(text);
  const answer = await sendRaw(proxy.port, change(text));
  return { answer, reached: proxy.backend.count() - reached };
}

const last = () => proxy.backend.received.at(-1);
const insert = (lines: string) => (text: string) => text.replace('host:', `${lines}\r\nhost:`);
const length = (header: string) => (text: string) => text.replace(/content-length: \d+/, header);

/** Sends the body in one chunk. */
const chunked =
  (coding: string, size: (bytes: number) => string = (bytes) => bytes.toString(16), trailers = '') =>
  (text: string) => {
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return `${length(coding)(head)}\r\n\r\n${size(body.length)}\r\n${body}\r\n0\r\n${trailers}\r\n`;
  };

describe('a message that two servers could frame differently reaches nothing', () => {
  test.each<[name: string, change: (text: string) => string, status?: number]>([
    ['a folded line', insert('x-folded: a\r\n b')],
    ['a folded line that looks like a statement of the proxy', insert('x-folded: a\r\n x-aauth-agent: boss')],
    ['white space before the first field', (text) => text.replace('\r\n', '\r\n ')],
    ['white space before the colon', insert('x-aauth-agent : boss')],
    ['a bare LF after a field', insert('x-a: a\nx-aauth-agent: boss')],
    ['a bare CR in a value', insert('x-a: a\rx-aauth-agent: boss')],
    ['NUL in a value', insert('x-a: a\0b')],
    ['NUL in a name', insert('x\0-aauth-agent: boss')],
    ['a request line that ends in LF', (text) => text.replace('\r\n', '\n')],
    ['two equal lengths', insert('content-length: 48')],
    ['two lengths', insert('content-length: 3')],
    ['a list of lengths', length('content-length: 48, 48')],
    ['a length with a sign', length('content-length: +48')],
    ['a negative length', length('content-length: -1')],
    ['a length in hexadecimal', length('content-length: 0x30')],
    ['a length that ends before the body', length('content-length: 5')],
    ['a length and a transfer coding', insert('transfer-encoding: chunked')],
    ['an unknown transfer coding', length('transfer-encoding: xchunked'), 501],
    ['the coding identity', length('transfer-encoding: identity'), 501],
    ['chunked, but not last', length('transfer-encoding: chunked, identity')],
    ['a coding behind a vertical tab', length('transfer-encoding: \x0bchunked')],
    ['chunked twice', chunked('transfer-encoding: chunked\r\ntransfer-encoding: chunked')],
    ['a coding that nobody undoes', chunked('transfer-encoding: gzip, chunked'), 501],
    ['a chunk size with 0x', chunked('transfer-encoding: chunked', (size) => `0x${size.toString(16)}`)],
    ['a chunk size with a space', chunked('transfer-encoding: chunked', (size) => `${size.toString(16)} `)],
    ['a chunk size beyond all numbers', chunked('transfer-encoding: chunked', () => 'f'.repeat(17))],
    [
      'a chunk extension that ends in LF',
      (text) => chunked('transfer-encoding: chunked')(text).replace('30\r\n', '30;\n'),
    ],
    ['a length among the trailers', chunked('transfer-encoding: chunked', undefined, 'content-length: 3\r\n')],
    ['chunked in HTTP/1.0', (text) => chunked('transfer-encoding: chunked')(text).replace('HTTP/1.1', 'HTTP/1.0')],
    ['no version', (text) => text.replace(' HTTP/1.1', ''), 505],
    ['HTTP/2.0 in the words of HTTP/1', (text) => text.replace('HTTP/1.1', 'HTTP/2.0'), 505],
    ['HTTP/1.2', (text) => text.replace('HTTP/1.1', 'HTTP/1.2')],
    ['a method in lower case', (text) => text.replace('POST', 'post')],
    ['a tab after the method', (text) => text.replace('POST /', 'POST\t/')],
    ['two Host fields', (text) => insert('host: market-analysis-agent.localhost')(text)],
    ['a Host with user information', (text) => text.replace('host: ', 'host: evil@')],
    ['a Host that ends in a dot', (text) => text.replace(/host: ([^:]+)/, 'host: $1.')],
    ['an expectation that is none', insert('expect: 200-ok'), 417],
    ['more fields than are looked at', insert('a:\r\n'.repeat(2100)), 431],
  ])('%s', async (_name, change, status = 400) => {
    const { answer, reached } = await altered(change);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(reached).toBe(0);
  });

  test('CONNECT makes no tunnel', async () => {
    const { answer, reached } = await altered((text) => text.replace('POST / ', `CONNECT ${proxy.authority} `));
    expect({ answer, reached }).toEqual({ answer: '', reached: 0 });
  });
});

describe('what is understood goes on in one form', () => {
  test.each([
    ['chunks', chunked('transfer-encoding: chunked')],
    ['a chunk extension', chunked('transfer-encoding: chunked', (size) => `${size.toString(16)};a=b`)],
    ['HTTP/1.0', (text: string) => text.replace('HTTP/1.1', 'HTTP/1.0')],
  ])('%s: a length, and the bytes that were signed', async (_name, change) => {
    const { answer, reached } = await altered(change);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(reached).toBe(1);
    expect(last()?.headers['content-length']).toBe(String(last()?.body.length));
    expect(last()?.rawHeaders.filter((name) => /^transfer-encoding$/i.test(name))).toEqual([]);
  });

  test('an upgrade is an ordinary request', async () => {
    const { answer } = await altered(
      insert('upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMA'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    for (const name of ['upgrade', 'http2-settings']) expect(last()?.headers).not.toHaveProperty(name);
  });

  test('a second request on the same connection is judged by itself', async () => {
    const unsigned = `POST / HTTP/1.1\r\nhost: ${proxy.authority}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
    const { answer, reached } = await altered((text) => text.replace('connection: close\r\n', '') + unsigned);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
    expect(reached).toBe(1);
  });

  test('what frames or authenticates a message is not taken away by naming it in Connection', async () => {
    const names = ['content-type', 'content-digest', 'content-length', 'signature-key', 'x-aauth-agent', 'host'];
    const { answer } = await altered((text) =>
      text.replace('connection: close', `connection: close, ${names.join(', ')}`),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    for (const name of names) expect(last()?.headers).toHaveProperty(name);
    expect(last()?.headers['x-aauth-agent']).toBe(proxy.agent.id);
  });

  test.each(['transfer_encoding', 'content_length', 'Content_Type', 'signature_key', 'x_signed', 'HOST_'])(
    '%s, which some servers take for another field, is dropped',
    async (name) => {
      const { answer } = await altered(insert(`x-signed: yes\r\n${name}: evil`));
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(JSON.stringify(last()?.rawHeaders)).not.toContain('evil');
      expect(last()?.headers['x-signed']).toBe('yes');
    },
  );

  test.each(['X-HTTP-Method-Override', 'x_http_method_override', 'X-Original-URL', 'x-rewrite-url'])(
    '%s, which names another method or path than the one that was signed, is dropped',
    async (name) => {
      const { answer } = await altered(insert(`${name}: /evil`));
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(JSON.stringify(last()?.rawHeaders)).not.toContain('evil');
    },
  );
});
