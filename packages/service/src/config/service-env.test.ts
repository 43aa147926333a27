import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { allowsLoopback, ConfigError, enrolmentEnv, envParsed, parseConfig } from './index.ts';

const origin = envParsed('an origin', (text) => {
  if (!text.endsWith('/')) return new URL(text).origin;
  throw new Error(`"${text}" ends with a slash`);
});

describe('envParsed', () => {
  const schema = z.object({ PEER: origin.prefault('http://peer.localhost:1'), OTHER: origin.optional() });

  test('gives what the parser made of the text, or of the text that stands in for a missing one', () => {
    expect(parseConfig(schema, { OTHER: ' https://other.example ' })).toEqual({
      PEER: 'http://peer.localhost:1',
      OTHER: 'https://other.example',
    });
  });

  test('names every variable that the parser refused, its value and why, without the password in it', () => {
    const load = () => parseConfig(schema, { PEER: 'https://user:hunter2@peer.example/', OTHER: 'nonsense' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(
      'PEER="https://user:***@peer.example/" is wrong: an origin ("https://user:***@peer.example/" ends with a slash) is expected; ' +
        'OTHER="nonsense" is wrong: an origin (Invalid URL) is expected',
    );
  });

  test('a value that stands in for a missing one is checked like any other', () => {
    expect(() => parseConfig(z.object({ PEER: origin.prefault('http://peer/') }), {})).toThrow(
      'PEER is not set: an origin ("http://peer/" ends with a slash) is expected',
    );
  });
});

test.each([
  [{}, true],
  [{ NODE_ENV: 'production' }, false],
  [{ NODE_ENV: 'production', AAUTH_ALLOW_LOOPBACK: '1' }, true],
  [{ NODE_ENV: 'test', AAUTH_ALLOW_LOOPBACK: 'no' }, false],
])('W19: with %j loopback names are admitted: %s', (environment, expected) => {
  expect(allowsLoopback(environment)).toBe(expected);
});

test('a wrong AAUTH_ALLOW_LOOPBACK is named, not taken for either', () => {
  expect(() => allowsLoopback({ AAUTH_ALLOW_LOOPBACK: 'maybe' })).toThrow('AAUTH_ALLOW_LOOPBACK="maybe" is wrong');
});

test('an agent knows the demo’s servers and its key file unless it is told otherwise', () => {
  const schema = z.object(enrolmentEnv(origin, '.data/keys/agent.pem'));
  expect(parseConfig(schema, { STABLE_KEY_FILE: '/keys/a.pem' })).toEqual({
    AGENT_PROVIDER_URL: 'http://agent-provider.localhost:8766',
    PERSON_SERVER_URL: 'http://person-server.localhost:8765',
    STABLE_KEY_FILE: '/keys/a.pem',
  });
});
