import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

/** What a logger writes. */
function written(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ name: 'test', level: 'trace', destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

// Control characters, C1's CSI among them, and what turns text around or ends a line in some readers.
const forbidden = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

test('whatever a peer says, a line stays one line, and a terminal shows it as it is', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('\n', '\r', '\x1b[2J', '\x9b31m', '\u2028', '\u202e', '"', '\\', '{"level":"info"}\n', 'a'),
    }),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const line = written((log) => log.info({ agent: text, [`k${text}`]: [text], err: new Error(text) }, text));
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(line).not.toMatch(forbidden);
      expect(JSON.parse(line)).toMatchObject({ service: 'test', level: 'info', agent: text });
    }),
  );
});

test('no private key and no password of a URL leaves the process', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGOODKEY\n-----END PRIVATE KEY-----\n';
  const url = 'postgres://aauth:hunter2@db.example:5432/ps';
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', d: 'GOODKEY' };
  const line = written((log) => {
    log.error({ err: new Error(`cannot read ${pem}`, { cause: new Error(`connect ${url}`) }), jwk, key: { jwk } }, pem);
    log.warn({ url, key: jwk }, `no answer from ${url}`);
  });
  for (const secret of ['GOODKEY', 'hunter2']) expect(line).not.toContain(secret);
  expect(line).toContain('postgres://aauth:…@db.example:5432/ps');
});
