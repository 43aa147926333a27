import { parseAgentIdentifier, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { newAgentIdentifier, slug } from './agent-identifier.ts';

const issuer = parseServerIdentifier('https://ap.example', { allowLoopback: false });

test.each([
  ['Supply Chain Optimizer Agent', 'supply-chain-optimizer-agent'],
  ['  Crème brûlée!  ', 'creme-brulee'],
  ['供应链', 'agent'],
  ['--', 'agent'],
  ['a+b@c', 'a-b-c'],
])('the slug of "%s" is %s', (name, expected) => {
  expect(slug(name)).toBe(expected);
});

test('any name makes a valid identifier of this provider, never that of a sub-agent', () => {
  fc.assert(
    fc.property(anyText({ minLength: 1 }), (name) => {
      const { local, domain } = parseAgentIdentifier(newAgentIdentifier(name, issuer));
      expect(domain).toBe('ap.example');
      expect(local).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*-[2-9b-z]{8}$/);
    }),
  );
});

test('two identifiers of one name differ', () => {
  const identifiers = Array.from({ length: 1000 }, () => newAgentIdentifier('Backend App', issuer));
  expect(new Set(identifiers).size).toBe(1000);
});
