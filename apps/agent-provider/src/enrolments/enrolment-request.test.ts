import { RequestError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { parseEnrolmentRequest } from './enrolment-request.ts';

const development = { allowLoopback: true };
const production = { allowLoopback: false };
const personServer = parseServerIdentifier('https://ps.example', production);

function parse(body: unknown, identifiers = development) {
  return parseEnrolmentRequest(body, { personServer, identifiers });
}

test('the name is trimmed and normalised; ps and callback may be left out', () => {
  expect(parse({ agent_name: '  Cafe\u0301 ' })).toEqual({ agentName: 'Caf\u00e9', callback: undefined });
  expect(parse({ agent_name: 'A', ps: 'https://ps.example', unknown: 1 })).toMatchObject({ agentName: 'A' });
});

test.each([
  ['no name', {}],
  ['an empty name', { agent_name: '  ' }],
  ['a name of 257 characters', { agent_name: 'x'.repeat(257) }],
  ['a name that is no text', { agent_name: 7 }],
  ['a line break', { agent_name: 'Backend\nApproved by IT' }],
  ['a terminal escape', { agent_name: '\u001b[31mBackend' }],
  ['a bidirectional override', { agent_name: 'Backend \u202eppA' }],
  ['a zero-width character', { agent_name: 'Back\u200bend' }],
  ['another Person Server', { agent_name: 'A', ps: 'https://other.example' }],
  ['a callback with a fragment', { agent_name: 'A', callback: 'https://app.example/cb#x' }],
  ['a callback that is a script', { agent_name: 'A', callback: 'javascript:alert(1)' }],
  ['a callback over plain http', { agent_name: 'A', callback: 'http://app.example/cb' }],
  ['a callback to an address', { agent_name: 'A', callback: 'https://10.0.0.1/cb' }],
  ['a callback that is too long', { agent_name: 'A', callback: `https://app.example/${'x'.repeat(2048)}` }],
  ['an array', []],
  ['null', null],
])('%s is refused with invalid_request', (_, body) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }));
});

test('a loopback callback is for development only', () => {
  const body = { agent_name: 'A', callback: 'http://localhost:8000/auth-callback' };
  expect(parse(body).callback).toBe('http://localhost:8000/auth-callback');
  expect(() => parse(body, production)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

test('whatever is sent, the result is a printable name or a refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ agent_name: anyText() })), (body) => {
      try {
        const { agentName } = parse(body);
        expect(agentName).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u);
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
      }
    }),
  );
});
