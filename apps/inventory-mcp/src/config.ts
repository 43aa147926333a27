import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
  behindProxyEnv,
  type Environment,
  envDatabaseUrl,
  envParsed,
  envPort,
  type LogLevel,
  parseConfig,
  peerEnv,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';

export const schema = (policy: IdentifierPolicy) => {
  const parse = (text: string) => parseServerIdentifier(text.replace(/\/$/, ''), policy);
  return z.object({
    ...serverEnv(9997),
    ...peerEnv(),
    INVENTORY_PORT: envPort().optional().describe('Port to listen on; wins over PORT'),
    INVENTORY_URL: envParsed('a server identifier', parse)
      .prefault('http://inventory.localhost:3000')
      .describe('Identifier of this MCP server: where others reach it, through the proxy'),
    DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database with the inventory, the orders and the MCP sessions'),
    ...behindProxyEnv(),
  });
};

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  identifier: ServerIdentifier;
  databaseUrl: string;
  proxySecret: string;
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(environment: Environment, warn: (message: string) => void): Config {
  const identifiers = { allowLoopback: allowsLoopback(environment) };
  const env = parseConfig(schema(identifiers), environment, { warn });
  return {
    host: env.HOST,
    port: env.INVENTORY_PORT ?? env.PORT,
    logLevel: env.LOG_LEVEL,
    identifier: env.INVENTORY_URL,
    databaseUrl: env.DATABASE_URL,
    proxySecret: env.AAUTH_PROXY_SECRET,
  };
}
