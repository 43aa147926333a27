import { parseForwardedHeaders } from '@aauth-stack/aauth/resource';
import { forwardedAttributes } from '@aauth-stack/telemetry';
import { describe, expect, it } from 'vitest';
import { forwardedFor } from '../../test/agent.ts';
import { describeRequester, ownerOf, toRequestedBy } from './requester.ts';

function principal(fields: Record<string, string>) {
  const { 'x-aauth-proxy-secret': secret = '', 'x-aauth-jkt': jkt = '' } = forwardedFor('alice');
  const parsed = parseForwardedHeaders(
    new Headers({ 'x-aauth-proxy-secret': secret, 'x-aauth-jkt': jkt, ...fields }),
    secret,
  );
  if (!parsed) throw new TypeError('not a principal');
  return parsed;
}

const agent = principal(forwardedFor('alice'));
const server = principal({
  'x-aauth-level': 'identified',
  'x-aauth-scheme': 'jwks_uri',
  'x-aauth-agent-server': 'https://server.example',
});
const person = principal({
  'x-aauth-level': 'authorized',
  'x-aauth-scheme': 'jwt',
  'x-aauth-person-server': 'https://ps.example',
  'x-aauth-sub': 'p-1',
  'x-aauth-scope': 'supply-chain:check supply-chain:read',
});
const key = principal({ 'x-aauth-level': 'pseudonymous', 'x-aauth-scheme': 'hwk' });

describe('who asked', () => {
  it.each([
    [agent, 'aauth:alice@ap.example'],
    [server, 'https://server.example'],
    [person, 'person p-1 of https://ps.example (scope supply-chain:check supply-chain:read)'],
    [key, 'a pseudonymous caller'],
  ])('is one line for people', (who, line) => {
    expect(describeRequester(toRequestedBy(who))).toBe(line);
  });

  it('owns its tasks by identity, and by key only where there is nothing else', () => {
    const rotated = principal({ ...forwardedFor('alice'), 'x-aauth-jkt': 'A'.repeat(43) });
    expect(ownerOf(rotated)).toBe(ownerOf(agent));
    const another = principal({
      'x-aauth-level': 'pseudonymous',
      'x-aauth-scheme': 'hwk',
      'x-aauth-jkt': 'A'.repeat(43),
    });
    expect(new Set([agent, server, person, key, another].map(ownerOf)).size).toBe(5);
    const elsewhere = principal({ ...forwardedFor('alice'), 'x-aauth-agent-server': 'https://other.example' });
    expect(ownerOf(elsewhere)).not.toBe(ownerOf(agent));
  });

  it('W6: is on spans under the names of the registry', () => {
    expect(forwardedAttributes(agent)).toEqual({
      'aauth.result': 'forwarded',
      'aauth.level': 'identified',
      'aauth.scheme': 'jwt',
      'aauth.token.type': 'aa-agent+jwt',
      'aauth.agent': 'aauth:alice@ap.example',
      'aauth.jkt': agent.jkt,
    });
    expect(forwardedAttributes(person)).toMatchObject({
      'aauth.person.iss': 'https://ps.example',
      'aauth.person.sub': 'p-1',
      'aauth.scope': ['supply-chain:check', 'supply-chain:read'],
    });
  });
});
