import { ConfigError } from '@aauth-stack/service/config';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const databaseUrl = { DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/person_server' };
const strongToken = 'q7Zk2mXw9LrT4vBn8cYd3hJf6gSa1pQe';

function problemsOf(environment: Record<string, string>): string {
  try {
    loadConfig({ ...databaseUrl, ...environment }, () => {});
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('the configuration', () => {
  test('has defaults for everything but the database', () => {
    const config = loadConfig(databaseUrl, () => {});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8765,
      issuer: 'http://person-server.localhost:8765',
      agentProvider: 'http://agent-provider.localhost:8766',
      portalToken: undefined,
      sessionLifetime: 43_200,
      consent: { policy: 'first-use', needsPersonScopes: ['require:user'] },
      tokenLifetime: 3600,
      maxResourcesPerAgent: 50,
      operatorToken: undefined,
      identifiers: { allowLoopback: true },
    });
    expect(() => loadConfig({}, () => {})).toThrow('DATABASE_URL is not set');
  });

  test('names what is wrong and what is expected', () => {
    expect(problemsOf({ PERSON_SERVER_URL: 'http://person-server.localhost:8765/' })).toContain('PERSON_SERVER_URL');
    expect(problemsOf({ AGENT_PROVIDER_URL: 'http://agents.example' })).toContain('must use https');
    expect(problemsOf({ NODE_ENV: 'production' })).toContain('AAUTH_ALLOW_LOOPBACK');
    expect(problemsOf({ AAUTH_SESSION_LIFETIME: '0' })).toContain('AAUTH_SESSION_LIFETIME');
    expect(problemsOf({ AAUTH_CONSENT_POLICY: 'never' })).toContain('one of standing, first-use, always');
    expect(problemsOf({ AAUTH_TOKEN_LIFETIME: '7200' })).toContain('AAUTH_TOKEN_LIFETIME');
    expect(problemsOf({ AAUTH_OPERATOR_TOKEN: 'short' })).toContain('at least 16 characters');
    const several = problemsOf({
      PERSON_SERVER_URL: 'x',
      AGENT_PROVIDER_URL: 'https://a/b',
      AAUTH_CONSENT_POLICY: '?',
    });
    expect(several.split('; ')).toHaveLength(3);
  });

  test('reads the scopes that need the person, of which there may be none', () => {
    const scopesOf = (AAUTH_NEEDS_PERSON_SCOPES: string) =>
      loadConfig({ ...databaseUrl, AAUTH_NEEDS_PERSON_SCOPES }, () => {}).consent.needsPersonScopes;
    expect(scopesOf('require:user, pay ,')).toEqual(['require:user', 'pay']);
    expect(scopesOf(',')).toEqual([]);
    expect(scopesOf('')).toEqual(['require:user']);
  });

  test('takes the names of the known demo, with one warning each', () => {
    const warnings: string[] = [];
    const config = loadConfig(
      { ...databaseUrl, AAUTH_PS_PUBLIC_ORIGIN: 'http://127.0.0.1:8765', AAUTH_PS_ADMIN_TOKEN: 'mytoken' },
      (warning) => warnings.push(warning),
    );
    expect(config).toMatchObject({ issuer: 'http://127.0.0.1:8765', portalToken: 'mytoken' });
    expect(warnings).toHaveLength(2);
  });

  test('W19: a token that can be guessed is refused where others can reach the server, and not repeated', () => {
    const elsewhere = { PERSON_SERVER_URL: 'https://ps.example', AGENT_PROVIDER_URL: 'https://ap.example' };
    expect(problemsOf({ ...elsewhere, AAUTH_PORTAL_TOKEN: strongToken })).toBe('');
    const message = problemsOf({ ...elsewhere, AAUTH_PORTAL_TOKEN: 'mytoken' });
    expect(message).toContain('AAUTH_PORTAL_TOKEN');
    expect(message).not.toContain('mytoken');
  });
});
