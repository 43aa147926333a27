import {
  type IdentifierPolicy,
  isLoopbackHost,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
  ConfigError,
  type Environment,
  envDatabaseUrl,
  envInteger,
  envList,
  envParsed,
  envSeconds,
  type LogLevel,
  parseConfig,
  peerEnv,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';
import { consentPolicies, type PolicyOptions } from './consent/policy.ts';
import { isWeakPortalToken } from './session/portal-token.ts';

const operatorToken = z
  .string()
  .min(16, 'at least 16 characters')
  .describe('Bearer token of the operator API (key rotation); without it that API is off');

const server = serverEnv(8765);

export const schema = (policy: IdentifierPolicy) => {
  const identifier = envParsed('a server identifier', (text) => parseServerIdentifier(text, policy));
  return z.object({
    ...server,
    ...peerEnv(),
    DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database of this service'),
    PERSON_SERVER_URL: identifier
      .prefault('http://person-server.localhost:8765')
      .describe('Identifier and public origin of this Person Server'),
    AGENT_PROVIDER_URL: identifier
      .prefault('http://agent-provider.localhost:8766')
      .describe('Identifier of the Agent Provider whose agents the person decides on'),
    AAUTH_PORTAL_TOKEN: z.string().optional().describe('What the person signs in with; unset: made at random'),
    AAUTH_SESSION_LIFETIME: envSeconds({ min: 60, max: 2_592_000 })
      .default(43_200)
      .describe('How long a browser stays signed in'),
    AAUTH_CONSENT_POLICY: z
      .enum(consentPolicies)
      .default('first-use')
      .describe('When the person is asked before an agent gets a token'),
    AAUTH_NEEDS_PERSON_SCOPES: envList()
      .prefault('require:user')
      .describe('Scopes that are granted by the person alone, whatever the policy'),
    // An agent renews with five minutes left, so a token must live clearly longer than that.
    AAUTH_TOKEN_LIFETIME: envSeconds({ min: 600, max: 3600 })
      .default(3600)
      .describe('Lifetime of person and auth tokens'),
    AAUTH_PENDING_LIFETIME: envSeconds({ min: 30, max: 3600 })
      .default(600)
      .describe('How long a request waits for the person'),
    AAUTH_MAX_RESOURCES_PER_AGENT: envInteger({ min: 1, max: 10_000 })
      .default(50)
      .describe('Distinct resources for which one agent may ask within an hour'),
    AAUTH_OPERATOR_TOKEN: operatorToken.optional(),
  });
};

/** The known demo's names. */
export const aliases = {
  AAUTH_PS_PUBLIC_ORIGIN: 'PERSON_SERVER_URL',
  AAUTH_AS_PUBLIC_ORIGIN: 'AGENT_PROVIDER_URL',
  AAUTH_PS_ADMIN_TOKEN: 'AAUTH_PORTAL_TOKEN',
  AAUTH_AS_PERSON_TOKEN: 'AAUTH_PORTAL_TOKEN',
  AAUTH_PS_AUTH_TOKEN_LIFETIME: 'AAUTH_TOKEN_LIFETIME',
  AAUTH_PS_PENDING_TTL_SECONDS: 'AAUTH_PENDING_LIFETIME',
};

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  databaseUrl: string;
  /** Identifier and public origin. */
  issuer: ServerIdentifier;
  agentProvider: ServerIdentifier;
  portalToken: string | undefined;
  /** Seconds. */
  sessionLifetime: number;
  consent: PolicyOptions;
  /** Seconds. */
  tokenLifetime: number;
  /** Seconds. */
  pendingLifetime: number;
  /** Within an hour. */
  maxResourcesPerAgent: number;
  operatorToken: string | undefined;
  identifiers: IdentifierPolicy;
  localhostDns: boolean;
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(environment: Environment, warn: (message: string) => void): Config {
  const identifiers = { allowLoopback: allowsLoopback(environment) };
  const env = parseConfig(schema(identifiers), environment, { aliases, warn });
  checkPortalTokenStrength(env.AAUTH_PORTAL_TOKEN, env.PERSON_SERVER_URL);
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    issuer: env.PERSON_SERVER_URL,
    agentProvider: env.AGENT_PROVIDER_URL,
    portalToken: env.AAUTH_PORTAL_TOKEN,
    sessionLifetime: env.AAUTH_SESSION_LIFETIME,
    consent: { policy: env.AAUTH_CONSENT_POLICY, needsPersonScopes: env.AAUTH_NEEDS_PERSON_SCOPES },
    tokenLifetime: env.AAUTH_TOKEN_LIFETIME,
    pendingLifetime: env.AAUTH_PENDING_LIFETIME,
    maxResourcesPerAgent: env.AAUTH_MAX_RESOURCES_PER_AGENT,
    operatorToken: env.AAUTH_OPERATOR_TOKEN,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
}

/**
 * The part of the configuration that a command for the running service needs.
 *
 * @throws ConfigError when the operator token is missing
 */
export function loadOperatorConfig(environment: Environment): { port: number; operatorToken: string } {
  const env = parseConfig(z.object({ PORT: server.PORT, AAUTH_OPERATOR_TOKEN: operatorToken }), environment);
  return { port: env.PORT, operatorToken: env.AAUTH_OPERATOR_TOKEN };
}

function checkPortalTokenStrength(token: string | undefined, issuer: ServerIdentifier): void {
  if (token === undefined || !isWeakPortalToken(token) || isLoopbackHost(new URL(issuer).hostname)) return;
  throw new ConfigError([
    {
      variable: 'AAUTH_PORTAL_TOKEN',
      value: '***',
      expected: `a token that cannot be guessed, 32 random characters or more, because ${issuer} is not this machine alone`,
    },
  ]);
}
