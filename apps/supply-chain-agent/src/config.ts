import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  ConfigError,
  type Environment,
  envBoolean,
  envPort,
  envSeconds,
  envUrl,
  type LogLevel,
  parseConfig,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';

const schema = z.object({
  ...serverEnv(9999),
  NODE_ENV: z.string().optional(),
  SUPPLY_CHAIN_AGENT_PORT: envPort().optional().describe('Port to listen on; wins over PORT'),
  SUPPLY_CHAIN_AGENT_URL: envUrl()
    .default('http://supply-chain-agent.localhost:3000')
    .describe('Identifier of this agent: where others reach it, through the proxy'),
  SUPPLY_CHAIN_AGENT_NAME: z
    .string()
    .min(1)
    .max(256)
    .default('Supply Chain Optimizer Agent')
    .describe('Name under which this agent enrols'),
  MARKET_ANALYSIS_AGENT_URL: envUrl()
    .default('http://market-analysis-agent.localhost:3000')
    .describe('Identifier of the market-analysis agent: where it is called, through the proxy'),
  MARKET_ANALYSIS_TIMEOUT: envSeconds({ max: 600 })
    .default(60)
    .describe('How long a market analysis may take, in seconds'),
  AGENT_PROVIDER_URL: envUrl()
    .default('http://agent-provider.localhost:8766')
    .describe('Identifier of the Agent Provider at which this agent enrols'),
  PERSON_SERVER_URL: envUrl()
    .default('http://person-server.localhost:8765')
    .describe('Identifier of the Person Server whose person approves this agent'),
  STABLE_KEY_FILE: z
    .string()
    .default('.data/keys/supply-chain-agent-stable.pem')
    .describe("File of this agent's stable key; made when it is missing"),
  AAUTH_PROXY_SECRET: z
    .string({ error: 'the secret that the proxy sends (at least 16 characters)' })
    .min(16, 'at least 16 characters')
    .describe('Proves that a request came through the proxy'),
  AAUTH_ALLOW_LOOPBACK: envBoolean()
    .optional()
    .describe('Admit http and ports on loopback names; on by default unless NODE_ENV is production'),
  AAUTH_LOCALHOST_DNS: envBoolean().default(false).describe('Resolve *.localhost by DNS, as inside compose'),
});

/** The known demo's names. `JAEGER_HOST` and `JAEGER_PORT` are telemetry's. */
const aliases = {
  AGENT_SERVER_BASE: 'AGENT_PROVIDER_URL',
  SUPPLY_CHAIN_AGENT_ID_URL: 'SUPPLY_CHAIN_AGENT_URL',
  MARKET_ANALYSIS_READ_TIMEOUT: 'MARKET_ANALYSIS_TIMEOUT',
};

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  identifier: ServerIdentifier;
  agentName: string;
  marketAnalysisAgent: ServerIdentifier;
  marketAnalysisTimeoutMs: number;
  agentProvider: ServerIdentifier;
  personServer: ServerIdentifier;
  stableKeyFile: string;
  proxySecret: string;
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
    port: env.SUPPLY_CHAIN_AGENT_PORT ?? env.PORT,
    logLevel: env.LOG_LEVEL,
    identifier: identifier('SUPPLY_CHAIN_AGENT_URL', env.SUPPLY_CHAIN_AGENT_URL, identifiers),
    agentName: env.SUPPLY_CHAIN_AGENT_NAME,
    marketAnalysisAgent: identifier('MARKET_ANALYSIS_AGENT_URL', env.MARKET_ANALYSIS_AGENT_URL, identifiers),
    marketAnalysisTimeoutMs: env.MARKET_ANALYSIS_TIMEOUT * 1000,
    agentProvider: identifier('AGENT_PROVIDER_URL', env.AGENT_PROVIDER_URL, identifiers),
    personServer: identifier('PERSON_SERVER_URL', env.PERSON_SERVER_URL, identifiers),
    stableKeyFile: env.STABLE_KEY_FILE,
    proxySecret: env.AAUTH_PROXY_SECRET,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
}

// The known demo writes these with a slash at the end.
function identifier(variable: string, value: string, policy: IdentifierPolicy): ServerIdentifier {
  try {
    return parseServerIdentifier(value.replace(/\/$/, ''), policy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ variable, value, expected: `a server identifier (${reason})` }]);
  }
}
