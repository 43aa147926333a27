import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  ConfigError,
  type Environment,
  envBoolean,
  envDatabaseUrl,
  envList,
  envSeconds,
  envUrl,
  type LogLevel,
  parseConfig,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';

const schema = z.object({
  ...serverEnv(8000),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database of this service'),
  AGENT_PROVIDER_URL: envUrl()
    .default('http://agent-provider.localhost:8766')
    .describe('Identifier of the Agent Provider at which this agent enrols'),
  PERSON_SERVER_URL: envUrl()
    .default('http://person-server.localhost:8765')
    .describe('Identifier of the Person Server whose person approves this agent'),
  SUPPLY_CHAIN_AGENT_URL: envUrl()
    .default('http://supply-chain-agent.localhost:3000')
    .describe('Identifier of the supply-chain agent, where its clients reach it'),
  BACKEND_AGENT_NAME: z.string().min(1).max(256).default('Backend App').describe('Name under which this agent enrols'),
  STABLE_KEY_FILE: z.string().default('.data/keys/backend-stable.pem').describe("File of this agent's stable key"),
  CORS_ALLOWED_ORIGINS: envList()
    .default(['http://localhost:3050', 'http://127.0.0.1:3050'])
    .describe('Origins whose pages may call this API'),
  AGENT_TIMEOUT_SECONDS: envSeconds().default(120).describe('How long a run waits for the agents'),
  ENROLMENT_TIMEOUT_SECONDS: envSeconds()
    .default(3600)
    .describe('How long a run waits for the person to approve this agent'),
  AAUTH_ALLOW_LOOPBACK: envBoolean()
    .optional()
    .describe('Admit http and ports on loopback names; on by default unless NODE_ENV is production'),
  AAUTH_LOCALHOST_DNS: envBoolean().default(false).describe('Resolve *.localhost by DNS, as inside compose'),
});

/** The known demo's names. */
const aliases = { AGENT_SERVER_BASE: 'AGENT_PROVIDER_URL' };

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  databaseUrl: string;
  agentProvider: ServerIdentifier;
  personServer: ServerIdentifier;
  supplyChainAgent: ServerIdentifier;
  agentName: string;
  stableKeyFile: string;
  allowedOrigins: string[];
  agentTimeoutMs: number;
  enrolmentTimeoutMs: number;
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
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    agentProvider: identifier('AGENT_PROVIDER_URL', env.AGENT_PROVIDER_URL, identifiers),
    personServer: identifier('PERSON_SERVER_URL', env.PERSON_SERVER_URL, identifiers),
    supplyChainAgent: identifier('SUPPLY_CHAIN_AGENT_URL', env.SUPPLY_CHAIN_AGENT_URL, identifiers),
    agentName: env.BACKEND_AGENT_NAME,
    stableKeyFile: env.STABLE_KEY_FILE,
    allowedOrigins: env.CORS_ALLOWED_ORIGINS,
    agentTimeoutMs: env.AGENT_TIMEOUT_SECONDS * 1000,
    enrolmentTimeoutMs: env.ENROLMENT_TIMEOUT_SECONDS * 1000,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
}

function identifier(variable: string, value: string, policy: IdentifierPolicy): ServerIdentifier {
  try {
    return parseServerIdentifier(value, policy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ variable, value, expected: `a server identifier (${reason})` }]);
  }
}
