import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shorten } from './shorten.ts';

const shown = (value: string) => {
  const { start, end } = shorten(value);
  return end === '' ? start : `${start}…${end}`;
};

test.each([
  ['aauth:backend-app.a1b27f3c@agent-provider.localhost:8766', 'aauth:backend-…7f3c@agent-provider.localhost:8766'],
  ['aauth:short@agents.example', 'aauth:short@agents.example'],
  ['k7PlYq3x0Zr9sT1uVwXyZ2a4b6c8d0e2f4g6h8i0jbo', 'k7PlYq3x…0jbo'],
  ['urn:jkt:sha-256:k7PlYq3x0Zr9sT1uVwXyZ2a4b6c8d0e2f4g6h8i0jbo', 'urn:jkt:sha-256:k7PlYq3x…0jbo'],
  ['https://agents.example/a/very/long/path/to/something', 'https://agents.example/a/very/…hing'],
  ['https://agents.example', 'https://agents.example'],
  ['ps-202611-4c1a9b02', 'ps-202611-4c1a9b02'],
])('%s is shown as %s', (value, expected) => {
  expect(shown(value)).toBe(expected);
});

test('leaves out only what is in the middle, and never the domain of an agent', () => {
  const local = fc.string({ unit: fc.constantFrom(...'abcXYZ019._+-'), minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(local, fc.domain(), (name, domain) => {
      const value = `aauth:${name}@${domain}`;
      const { start, end } = shorten(value);
      expect(value.startsWith(start)).toBe(true);
      expect(value.endsWith(end)).toBe(true);
      expect(`${start}${end}`).toContain(`@${domain}`);
      expect(start.length + end.length).toBeLessThanOrEqual(value.length);
    }),
  );
});
