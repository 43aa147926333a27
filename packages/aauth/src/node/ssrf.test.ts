import { describe, expect, it, vi } from 'vitest';
import { startServer } from '../../test/support/server.ts';
import { UnavailableError } from '../errors.ts';
import { parseEndpointUrl, parseServerIdentifier } from '../identifiers.ts';
import { createEgressFetch } from './egress.ts';

/** Ways to write this machine, a private network or a cloud's metadata service. */
const hosts = [
  'localhost',
  'LOCALHOST',
  'ap.localhost',
  'localhost.',
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '１２７.0.0.1',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  'localhos%74',
  '0',
  '0.0.0.0',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[fe80::1]',
  '[fd00::1]',
  '10.0.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '[::ffff:169.254.169.254]',
];

async function setUp() {
  const received: string[] = [];
  const { port } = await startServer((req, res) => {
    received.push(`${req.url}`);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const lookup = vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]);
  const production = createEgressFetch({ allowLoopback: false, lookup });
  // What is refused in production is there, and is reached where loopback is allowed.
  const development = createEgressFetch({ allowLoopback: true });
  expect((await development(new URL(`http://ap.localhost:${port}/`))).status).toBe(200);
  received.length = 0;
  return { port, received, production };
}

async function reason(fetched: Promise<unknown>): Promise<string> {
  const error = await fetched.then(() => undefined).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnavailableError);
  return String(error instanceof Error ? error.cause : error);
}

describe('in production, a URL of a peer leads nowhere inside', () => {
  it.each(hosts)('%s', async (host) => {
    const { port, received, production } = await setUp();
    for (const scheme of ['http', 'https']) {
      const url = URL.parse(`${scheme}://${host}:${port}/latest/meta-data`);
      if (!url) continue; // A URL parser refuses it: nobody gets as far as a fetch.
      expect(await reason(production(url))).toMatch(/Refused|has no address/);
    }
    expect(received).toEqual([]);
  });

  it.each(hosts)('and %s names no server and no endpoint', (host) => {
    const policy = { allowLoopback: false };
    for (const scheme of ['http', 'https']) {
      expect(() => parseServerIdentifier(`${scheme}://${host}`, policy)).toThrow();
      expect(() => parseEndpointUrl(`${scheme}://${host}/x`, policy)).toThrow();
      expect(() => parseServerIdentifier(`${scheme}://${host}:8080`, policy)).toThrow();
    }
  });

  it.each([
    'file:///etc/passwd',
    'data:application/json,{}',
    'blob:https://ap.example/1',
    'ftp://ap.example/x',
    'gopher://ap.example/_x',
  ])('nor does %s', async (url) => {
    const { production } = await setUp();
    expect(await reason(production(new URL(url)))).toMatch(/is not https/);
  });
});
