import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { redactHeader, redactTokens } from './redact.ts';
import { createTerminal } from './terminal.ts';

function open(isTTY: boolean) {
  const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  return { terminal: createTerminal({ env: {}, stdout, stderr }, {}), stdout, stderr };
}

test('what servers write does not steer the terminal, and colours stay', () => {
  const { terminal, stdout } = open(true);
  const hostile = 'a\u001b]0;title\u0007b\u009b2Jc\rd\u202ee\r\n';
  terminal.print(`${terminal.paint('red', 'no')} ${hostile}\tend`);
  expect(stdout.read()).toBe('\u001b[31mno\u001b[39m a\ufffd]0;title\ufffdb\ufffd2Jc\ufffdd\ufffde\r\n\tend\n');
});

test('headers and tokens are shown without what makes them usable', () => {
  const jwt = 'eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
  expect(redactTokens(`jwt="${jwt}"`)).toBe('jwt="eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhIn0.…"');
  expect(redactHeader('Signature', 'sig=:AAAAAAAAAAAAAAAAAAAAAAAA:')).toBe('sig=:…:');
  for (const name of ['Authorization', 'cookie', 'Set-Cookie', 'AAuth-Access'])
    expect(redactHeader(name, 'secret')).toBe('…');
  expect(redactHeader('content-type', 'text/plain')).toBe('text/plain');
});
