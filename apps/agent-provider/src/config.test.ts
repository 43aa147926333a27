import { ConfigError } from '@aauth-stack/service/config';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const required = { DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/agent_provider' };

function load(environment: Record<string, string>) {
  const warnings: string[] = [];
  return { config: loadConfig({ ...required, ...environment }, (message) => warnings.push(message)), warnings };
}

test('the defaults are those of the demo, on loopback', () => {
  const { config, warnings } = load({});
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8766,
    issuer: 'http://agent-provider.localhost:8766',
    personServer: 'http://person-server.localhost:8765',
    identifiers: { allowLoopback: true },
    agentTokenLifetime: 3600,
    enrolmentLifetime: 3600,
    revocationRecipients: [],
    operatorToken: undefined,
  });
  expect(warnings).toEqual([]);
});

test('W19: in production loopback identifiers, and with them the demo’s defaults, are refused', () => {
  expect(() => load({ NODE_ENV: 'production' })).toThrow(ConfigError);
  const production = { NODE_ENV: 'production', AGENT_PROVIDER_URL: 'https://ap.example' };
  expect(() => load(production)).toThrow(/PERSON_SERVER_URL/);
  const { config } = load({ ...production, PERSON_SERVER_URL: 'https://ps.example' });
  expect(config.identifiers.allowLoopback).toBe(false);
});

test('the resources that are told of revocations are a list of identifiers', () => {
  const recipients = ['http://supply-chain-agent.localhost:3000', 'https://resource.example'];
  const { config } = load({ AAUTH_REVOCATION_RECIPIENTS: recipients.join(', ') });
  expect(config.revocationRecipients).toEqual(recipients);
});

test.each([
  ['AAUTH_REVOCATION_RECIPIENTS', 'https://resource.example,https://resource.example/path'],
  ['AAUTH_AGENT_TOKEN_LIFETIME', '300'],
  ['AAUTH_AGENT_TOKEN_LIFETIME', '86401'],
  ['AAUTH_OPERATOR_TOKEN', 'short'],
  ['AGENT_PROVIDER_URL', 'https://ap.example/path'],
  ['PORT', 'http'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => load({ [name]: value })).toThrow(name);
});

test('a secret is not repeated in the error', () => {
  expect(() => load({ AAUTH_OPERATOR_TOKEN: 'short' })).not.toThrow(/short/);
});

test('W15: the known demo’s names are accepted, with a warning each', () => {
  const { config, warnings } = load({ AAUTH_AS_AGENT_TOKEN_LIFETIME: '86400', AAUTH_AS_CLIENT_NAME: 'Old name' });
  expect(config).toMatchObject({ agentTokenLifetime: 86_400, name: 'Old name' });
  expect(warnings).toHaveLength(2);
});
