import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../test/support/server.ts';
import type { HttpMessage } from '../signatures/types.ts';
import { httpMessageFromNode } from './http-message.ts';

/** What a server makes of a request that is sent byte by byte as given. */
async function received(head: string, options: { authority?: string } = {}): Promise<HttpMessage> {
  return new Promise((resolve, reject) => {
    const server = startServer((req, res) => {
      try {
        resolve(httpMessageFromNode(req, options));
      } catch (error) {
        reject(error);
      }
      res.end();
    });
    server.then(({ port }) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
      socket.on('error', reject).resume();
    }, reject);
  });
}

describe('httpMessageFromNode', () => {
  it('takes method, authority, path and query as they came over the wire', async () => {
    const message = await received('POST /a/../b%2f%7Ec//d?x=%20&y=1? HTTP/1.1\r\nHost: API.Example:8443');
    expect(message).toMatchObject({
      method: 'POST',
      authority: 'api.example:8443',
      path: '/a/../b%2f%7Ec//d',
      query: '?x=%20&y=1?',
    });
  });

  it('tells no query from an empty one', async () => {
    expect((await received('GET /a HTTP/1.1\r\nHost: a')).query).toBe('');
    expect((await received('GET /a? HTTP/1.1\r\nHost: a')).query).toBe('?');
  });

  it('leaves out the default port', async () => {
    expect((await received('GET / HTTP/1.1\r\nHost: api.example:80')).authority).toBe('api.example');
    expect((await received('GET / HTTP/1.1\r\nHost: api.example:443')).authority).toBe('api.example:443');
  });

  it('lets the target in absolute form override Host', async () => {
    const message = await received('GET http://api.example/x?y HTTP/1.1\r\nHost: other.example');
    expect(message).toMatchObject({ authority: 'api.example', path: '/x', query: '?y' });
    expect(await received('GET http://api.example HTTP/1.1\r\nHost: a')).toMatchObject({ path: '/', query: '' });
  });

  it('knows the asterisk form', async () => {
    expect(await received('OPTIONS * HTTP/1.1\r\nHost: a')).toMatchObject({ path: '*', query: '' });
  });

  it('W19: takes the configured authority where there is one', async () => {
    const message = await received('GET / HTTP/1.1\r\nHost: evil.example', { authority: 'API.example' });
    expect(message.authority).toBe('api.example');
  });

  it('joins every line of a header, also of those that Node keeps only one of', async () => {
    const { headers } = await received(
      'GET / HTTP/1.1\r\nHost: a\r\nSignature-Key: sig=a\r\nX-One:  1 \r\nsignature-key: sig=b\r\nContent-Type: a\r\nContent-Type: b',
    );
    expect(headers.get('SIGNATURE-KEY')).toBe('sig=a, sig=b');
    expect(headers.get('x-one')).toBe('1');
    expect(headers.get('content-type')).toBe('a, b');
    expect(headers.get('absent')).toBeNull();
  });

  it.each(['GET /a#b HTTP/1.1', 'GET ftp://a/b HTTP/1.1'])('refuses %s', async (line) => {
    await expect(received(`${line}\r\nHost: a`)).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  });
});
