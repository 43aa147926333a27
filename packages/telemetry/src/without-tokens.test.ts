import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutTokens } from './without-tokens.ts';

const token = 'eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJhIn0.c2lnbmF0dXJl_-';
const shown = 'eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJhIn0.…';

test.each([
  [token, shown],
  [`sig=jwt;jwt="${token}"`, `sig=jwt;jwt="${shown}"`],
  [`${token},${token} ${token}`, `${shown},${shown} ${shown}`],
  [JSON.stringify(`a\n${token}\n`), JSON.stringify(`a\n${shown}\n`).replace('…\\n', '…\\n')],
  [`x-${token}`, `x-${shown}`],
  [`x.${token}`, `x.${shown}`],
  ['agent-provider.a.localhost', 'agent-provider.a.localhost'],
  ['eyJ.eyJ', 'eyJ.eyJ'],
])('%s', (text, expected) => {
  expect(withoutTokens(text)).toBe(expected);
});

test('wherever a token stands, its signature is gone', () => {
  const around = fc.string({ unit: fc.constantFrom('a', '.', '-', '"', '\\n', ' ', 'eyJ', 'é', '_') });
  fc.assert(
    fc.property(around, around, (before, after) => {
      expect(withoutTokens(`${before}${token}${after}`)).not.toContain('c2lnbmF0dXJl');
    }),
  );
});

test.each(['eyJ-', 'eyJ.', 'eyJ-a.', 'eyJa.eyJ-', 'a.', '.', 'eyJ .'])(
  '%s a thousand times over takes no time',
  (unit) => {
    const started = performance.now();
    withoutTokens(unit.repeat(2 ** 17 / unit.length));
    expect(performance.now() - started).toBeLessThan(2_000);
  },
);
