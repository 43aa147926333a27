import {
  type IdentifierPolicy,
  isLoopbackHost,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import {
  ConfigError,
  type Environment,
  envBoolean,
  envDatabaseUrl,
  envSeconds,
  envUrl,
  type LogLevel,
  parseConfig,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';
import { isWeakPortalToken } from './session/portal-token.ts';

const schema = z.object({
  ...serverEnv(8765),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database of this service'),
  PERSON_SERVER_URL: envUrl()
    .default('http://person-server.localhost:8765')
    .describe('Identifier and public origin of this Person Server'),
  AGENT_PROVIDER_URL: envUrl()
    .default('http://agent-provider.localhost:8766')
    .describe('Identifier of the Agent Provider whose agents the person decides on'),
  AAUTH_PORTAL_TOKEN: z.string().optional().describe('What the person signs in with; unset: made at random'),
  AAUTH_SESSION_LIFETIME: envSeconds({ min: 60, max: 2_592_000 })
    .default(43_200)
    .describe('How long a browser stays signed in'),
  AAUTH_ALLOW_LOOPBACK: envBoolean()
    .optional()
    .describe('Admit http and ports on loopback names; on by default unless NODE_ENV is production'),
  AAUTH_LOCALHOST_DNS: envBoolean().default(false).describe('Resolve *.localhost by DNS, as inside compose'),
});

/** The known demo's names. */
const aliases = {
  AAUTH_PS_PUBLIC_ORIGIN: 'PERSON_SERVER_URL',
  AAUTH_AS_PUBLIC_ORIGIN: 'AGENT_PROVIDER_URL',
  AAUTH_PS_ADMIN_TOKEN: 'AAUTH_PORTAL_TOKEN',
  AAUTH_AS_PERSON_TOKEN: 'AAUTH_PORTAL_TOKEN',
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
  identifiers: IdentifierPolicy;
  localhostDns: boolean;
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(environment: Environment, warn: (message: string) => void): Config {
  const env = parseConfig(schema, environment, { aliases, warn });
  const identifiers = { allowLoopback: env.AAUTH_ALLOW_LOOPBACK ?? env.NODE_ENV !== 'production' };
  const issuer = identifier('PERSON_SERVER_URL', env.PERSON_SERVER_URL, identifiers);
  checkPortalTokenStrength(env.AAUTH_PORTAL_TOKEN, issuer);
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    issuer,
    agentProvider: identifier('AGENT_PROVIDER_URL', env.AGENT_PROVIDER_URL, identifiers),
    portalToken: env.AAUTH_PORTAL_TOKEN,
    sessionLifetime: env.AAUTH_SESSION_LIFETIME,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
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

function identifier(variable: string, value: string, policy: IdentifierPolicy): ServerIdentifier {
  try {
    return parseServerIdentifier(value, policy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ variable, value, expected: `a server identifier (${reason})` }]);
  }
}
