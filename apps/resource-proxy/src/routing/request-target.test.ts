import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequestTarget } from './request-target.ts';

const host = ['Host', 'agent.localhost:3000'];

describe('a target that means one thing', () => {
  test.each([
    ['/', '/', ''],
    ['/a/b.c/~d?x=1&y=%2F..//', '/a/b.c/~d', '?x=1&y=%2F..//'],
    ['/?', '/', '?'],
    ['/a%20b/%C3%A4', '/a%20b/%C3%A4', ''],
    ['/a/...', '/a/...', ''],
    ['http://agent.localhost:3000/a?b', '/a', '?b'],
    ['HTTP://Agent.localhost:3000', '/', ''],
    ['http://agent.localhost:3000?b', '/', '?b'],
  ])('%s', (url, path, query) => {
    expect(parseRequestTarget(url, host)).toEqual({
      authority: 'agent.localhost:3000',
      host: 'agent.localhost',
      path,
      query,
    });
  });

  test('the host is lower case and may be an address', () => {
    expect(parseRequestTarget('/', ['hOsT', 'AGENT.localhost'])).toMatchObject({ authority: 'agent.localhost' });
    expect(parseRequestTarget('/', ['host', '[::1]:3000'])).toMatchObject({ authority: '[::1]:3000', host: '[::1]' });
  });
});

describe('a target that servers read differently is refused', () => {
  test.each([
    ['', 'neither a path'],
    ['*', 'neither a path'],
    ['agent.localhost:3000', 'neither a path'],
    ['//a', 'empty segment'],
    ['/a//b', 'empty segment'],
    ['/a/./b', '"." or ".."'],
    ['/a/..', '"." or ".."'],
    ['/a/..;x/b', '"." or ".."'],
    ['/%2e%2e/a', 'send it as it is'],
    ['/a/.%2E/b', 'send it as it is'],
    ['/%61', 'send it as it is'],
    ['/a%2fb', '%2f'],
    ['/a%2Fb', '%2F'],
    ['/a%5Cb', '%5C'],
    ['/a%00', '%00'],
    ['/a\\b', 'character'],
    ['/a b', 'character'],
    ['/a#b', 'character'],
    ['/a?b#c', 'character'],
    ['/ä', 'character'],
    ['/a%', 'two hex digits'],
    ['/a%2', 'two hex digits'],
    ['/a?b=%zz', 'two hex digits'],
    ['http://other.localhost/', 'another host'],
    ['http://agent.localhost:3001/', 'another host'],
    ['http://user@agent.localhost:3000/', 'another host'],
    ['http://agent.localhost:3000//a', 'empty segment'],
  ])('%s', (url, detail) => {
    expect(() => parseRequestTarget(url, host)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_request', message: expect.stringContaining(detail) }),
    );
  });

  test.each([
    [[], 'no Host'],
    [['Host', 'a', 'host', 'a'], 'more than one Host'],
    [['Host', ''], 'not a host'],
    [['Host', 'a, b'], 'not a host'],
    [['Host', 'a@b'], 'not a host'],
    [['Host', 'a/b'], 'not a host'],
    [['Host', 'a:port'], 'not a host'],
    [['Host', 'a:99999'], 'as URLs have it'],
    [['Host', '[1]'], 'as URLs have it'],
    [['Host', '[0:0::1]'], 'as URLs have it'],
    [['Host', '127.1'], 'as URLs have it'],
    [['Host', '0x7f000001'], 'as URLs have it'],
    [['Host', '2130706433:3000'], 'as URLs have it'],
    [['Host', '1.2.3.4.5'], 'as URLs have it'],
  ])('Host %j', (rawHeaders, detail) => {
    expect(() => parseRequestTarget('/', rawHeaders)).toThrow(detail);
  });
});

test.each(['127.0.0.1:3000', '[::1]', 'a.example:80', 'xn--bcher-kva.example'])('Host %s is taken', (host) => {
  expect(parseRequestTarget('/', ['Host', host]).authority).toBe(host);
});

test('whatever is accepted is the same text, and a URL parser finds nothing in it to normalise', () => {
  const piece = fc.constantFrom(
    '/',
    'a',
    '.',
    '..',
    '%2e',
    '%2F',
    '%5c',
    '%41',
    '%C3',
    ';',
    '?',
    '\\',
    '#',
    '%',
    ' ',
    '~',
    '//',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const url = `/${pieces.join('')}`;
      let target: ReturnType<typeof parseRequestTarget>;
      try {
        target = parseRequestTarget(url, host);
      } catch (error) {
        expect(error).toMatchObject({ status: 400 });
        return;
      }
      expect(target.path + target.query).toBe(url);
      expect(new URL(url, 'http://agent.localhost:3000').pathname).toBe(target.path);
      // Of bytes beyond ASCII, escapes are the only spelling.
      const ascii = target.path.replaceAll(/%[89a-f][0-9a-f]/gi, '');
      expect(decodeURIComponent(ascii)).toBe(ascii);
    }),
  );
});
