import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
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
import type { EnrolmentLimits } from './enrolments/limits.ts';

const operatorToken = z
  .string()
  .min(16, 'at least 16 characters')
  .describe('Bearer token of the operator API (key rotation); without it that API is off');

const server = serverEnv(8766);

export const schema = (policy: IdentifierPolicy) => {
  const identifier = envParsed('a server identifier', (text) => parseServerIdentifier(text, policy));
  return z.object({
    ...server,
    ...peerEnv(),
    DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database of this service'),
    AGENT_PROVIDER_URL: identifier
      .prefault('http://agent-provider.localhost:8766')
      .describe('Identifier of this Agent Provider: the iss of its agent tokens'),
    PERSON_SERVER_URL: identifier
      .prefault('http://person-server.localhost:8765')
      .describe('Identifier of the Person Server whose person decides; the ps of its agent tokens'),
    AGENT_PROVIDER_NAME: z.string().min(1).max(200).default('AAuth Agent Provider').describe('Name in the metadata'),
    // An agent renews with five minutes left, so a token must live clearly longer than that. An hour bounds what a stolen
    // ephemeral key, or a revocation that did not reach a resource, is worth; the seed demo's day does not.
    AAUTH_AGENT_TOKEN_LIFETIME: envSeconds({ min: 600, max: 86_400 })
      .default(3600)
      .describe('Lifetime of agent tokens'),
    AAUTH_REGISTRATION_TTL: envSeconds({ min: 60, max: 604_800 })
      .default(3600)
      .describe('How long an enrolment waits for the person'),
    AAUTH_REGISTRATION_MAX_PENDING: envInteger({ min: 1, max: 10_000 })
      .default(100)
      .describe('Enrolments that may wait at one time'),
    AAUTH_REGISTRATION_MAX_PER_MINUTE: envInteger({ min: 1, max: 10_000 })
      .default(30)
      .describe('Enrolments that may be opened within a minute'),
    AAUTH_REVOCATION_RECIPIENTS: envList()
      .pipe(z.array(identifier))
      .default([])
      .describe('Resources, by identifier, that are told of revoked agent tokens, as the Person Server is'),
    AAUTH_OPERATOR_TOKEN: operatorToken.optional(),
  });
};

/** The known demo's names. */
export const aliases = {
  AAUTH_AS_ISSUER: 'AGENT_PROVIDER_URL',
  AAUTH_AS_PUBLIC_ORIGIN: 'AGENT_PROVIDER_URL',
  AAUTH_AS_CLIENT_NAME: 'AGENT_PROVIDER_NAME',
  AAUTH_AS_AGENT_TOKEN_LIFETIME: 'AAUTH_AGENT_TOKEN_LIFETIME',
  AAUTH_AS_REGISTRATION_TTL: 'AAUTH_REGISTRATION_TTL',
};

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  databaseUrl: string;
  issuer: ServerIdentifier;
  personServer: ServerIdentifier;
  name: string;
  identifiers: IdentifierPolicy;
  localhostDns: boolean;
  /** Seconds. */
  agentTokenLifetime: number;
  /** Seconds. */
  enrolmentLifetime: number;
  enrolmentLimits: EnrolmentLimits;
  /** Resources that are told of revoked agent tokens. */
  revocationRecipients: ServerIdentifier[];
  operatorToken: string | undefined;
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(environment: Environment, warn: (message: string) => void): Config {
  const identifiers = { allowLoopback: allowsLoopback(environment) };
  const env = parseConfig(schema(identifiers), environment, { aliases, warn });
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    issuer: env.AGENT_PROVIDER_URL,
    personServer: env.PERSON_SERVER_URL,
    name: env.AGENT_PROVIDER_NAME,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
    agentTokenLifetime: env.AAUTH_AGENT_TOKEN_LIFETIME,
    enrolmentLifetime: env.AAUTH_REGISTRATION_TTL,
    enrolmentLimits: {
      maxPending: env.AAUTH_REGISTRATION_MAX_PENDING,
      maxPerMinute: env.AAUTH_REGISTRATION_MAX_PER_MINUTE,
    },
    revocationRecipients: env.AAUTH_REVOCATION_RECIPIENTS,
    operatorToken: env.AAUTH_OPERATOR_TOKEN,
  };
}

/**
 * The part of the configuration that a command for the running service needs.
 *
 * @throws ConfigError when the operator token is missing
 */
export function loadOperatorConfig(environment: Environment): { port: number; operatorToken: string } {
  const schema = z.object({ PORT: server.PORT, AAUTH_OPERATOR_TOKEN: operatorToken });
  const env = parseConfig(schema, environment);
  return { port: env.PORT, operatorToken: env.AAUTH_OPERATOR_TOKEN };
}
