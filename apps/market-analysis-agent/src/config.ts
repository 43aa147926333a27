import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
  behindProxyEnv,
  type Environment,
  enrolmentEnv,
  envList,
  envParsed,
  envPort,
  envSeconds,
  type LogLevel,
  parseConfig,
  peerEnv,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';

export const schema = (policy: IdentifierPolicy) => {
  // The known demo writes these with a slash at the end.
  const parse = (text: string) => parseServerIdentifier(text.replace(/\/$/, ''), policy);
  const identifier = envParsed('a server identifier', parse);
  return z.object({
    ...serverEnv(9998),
    ...peerEnv(),
    ...enrolmentEnv(identifier, '.data/keys/market-analysis-agent-stable.pem'),
    PROVIDER_KEY_FILE: z
      .string()
      .default('.data/keys/market-analysis-provider.pem')
      .describe('File of the key by which this agent is its own agent provider; made when it is missing'),
    MARKET_ANALYSIS_AGENT_PORT: envPort().optional().describe('Port to listen on; wins over PORT'),
    MARKET_ANALYSIS_AGENT_URL: identifier
      .prefault('http://market-analysis-agent.localhost:3000')
      .describe('Identifier of this agent: where others reach it, through the proxy'),
    MARKET_ANALYSIS_AGENT_NAME: z
      .string()
      .min(1)
      .max(256)
      .default('Market Analysis Agent')
      .describe('Name under which this agent enrols'),
    INVENTORY_URL: identifier
      .prefault('http://inventory.localhost:3000')
      .describe('Identifier of the MCP server from which the data comes: where it is called, through the proxy'),
    INVENTORY_PATH: z
      .string()
      .startsWith('/', 'a path such as /mcp')
      .default('/mcp')
      .describe('Path of its MCP endpoint'),
    INVENTORY_TIMEOUT: envSeconds({ max: 600 })
      .default(45)
      .describe('How long reading the data may take, in seconds, without the time that a person takes to allow it'),
    CALLBACK_ORIGINS: envList()
      .default(['http://supply-chain-agent.localhost:3000', 'http://backend.localhost:8000', 'http://localhost:3050'])
      .describe('Origins to which people are sent back after a decision that a caller was made to wait for'),
    ...behindProxyEnv(),
  });
};

/** The known demo's names. `JAEGER_HOST` and `JAEGER_PORT` are telemetry's. */
export const aliases = {
  AGENT_SERVER_BASE: 'AGENT_PROVIDER_URL',
  MARKET_ANALYSIS_AGENT_ID_URL: 'MARKET_ANALYSIS_AGENT_URL',
  MCP_SERVER_BASE_URL: 'INVENTORY_URL',
  MCP_SERVER_PATH: 'INVENTORY_PATH',
  MCP_READ_TIMEOUT: 'INVENTORY_TIMEOUT',
};

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  identifier: ServerIdentifier;
  agentName: string;
  agentProvider: ServerIdentifier;
  personServer: ServerIdentifier;
  stableKeyFile: string;
  providerKeyFile: string;
  inventory: ServerIdentifier;
  inventoryPath: string;
  inventoryTimeoutMs: number;
  callbackOrigins: string[];
  proxySecret: string;
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
  return {
    host: env.HOST,
    port: env.MARKET_ANALYSIS_AGENT_PORT ?? env.PORT,
    logLevel: env.LOG_LEVEL,
    identifier: env.MARKET_ANALYSIS_AGENT_URL,
    agentName: env.MARKET_ANALYSIS_AGENT_NAME,
    agentProvider: env.AGENT_PROVIDER_URL,
    personServer: env.PERSON_SERVER_URL,
    stableKeyFile: env.STABLE_KEY_FILE,
    providerKeyFile: env.PROVIDER_KEY_FILE,
    inventory: env.INVENTORY_URL,
    inventoryPath: env.INVENTORY_PATH,
    inventoryTimeoutMs: env.INVENTORY_TIMEOUT * 1000,
    callbackOrigins: env.CALLBACK_ORIGINS,
    proxySecret: env.AAUTH_PROXY_SECRET,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
}
