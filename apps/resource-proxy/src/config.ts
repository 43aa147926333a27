import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { agentDomain, type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
  ConfigError,
  type Environment,
  envDatabaseUrl,
  envInteger,
  envLogLevel,
  envParsed,
  envSeconds,
  type LogLevel,
  parseConfig,
  peerEnv,
  stopEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';
import { type GatewayConfig, loadGatewayFile } from './configuration/gateway-file.ts';
import { modeNames, modes } from './configuration/modes.ts';
import { loadResourcesFile, type ResourcesConfig } from './configuration/resources-file.ts';
import { unroutedAddresses } from './configuration/unrouted.ts';

const inInfra = (file: string) => fileURLToPath(new URL(`../../../infra/gateway/${file}`, import.meta.url));

/** In place of a file. */
const noGateway = 'none';

const secretExpected = 'a secret of at least 32 characters, shared with the services behind this proxy';

export const schema = (policy: IdentifierPolicy) => {
  const identifier = envParsed('a server identifier', (text) => parseServerIdentifier(text, policy));
  return z.object({
    HOST: z.string().default('127.0.0.1').describe('Address to listen on; the ports stand in the two files'),
    LOG_LEVEL: envLogLevel().default('info').describe('Least important level that is logged'),
    ...stopEnv(),
    ...peerEnv(),
    AAUTH_MODE: z
      .enum(modeNames)
      .default('mode1')
      .describe('Mode of the demo: which files of infra/gateway stand for GATEWAY_CONFIG and AAUTH_CONFIG'),
    GATEWAY_CONFIG: z
      .string()
      .optional()
      .describe(
        "File of routes and policies, in agentgateway's schema; unset: that of the mode; `none`, or unset while " +
          'AAUTH_CONFIG is set and AAUTH_MODE is not: no gateway here, only ext_authz for another one',
      ),
    AAUTH_CONFIG: z
      .string()
      .optional()
      .describe('File of the resources, in the schema of the ext_authz AAuth service; unset: that of the mode'),
    AAUTH_PROXY_SECRET: z
      .string({ error: secretExpected })
      .min(32, secretExpected)
      .regex(/^[\x21-\x7e]+$/, 'a secret of visible ASCII characters, since it is sent in a header')
      .optional()
      .describe('Proves to the services behind that x-aauth-* headers are this proxy’s. Required with a gateway'),
    DATABASE_URL: envDatabaseUrl()
      .optional()
      .describe(
        'PostgreSQL database in which replicas share which requests they have seen and which tokens are revoked; ' +
          'without it each knows its own, until it ends',
      ),
    AGENT_PROVIDER_URL: identifier
      .prefault('http://agent-provider.localhost:8766')
      .describe('Identifier of the Agent Provider; the files of the demo name it'),
    PERSON_SERVER_URL: identifier
      .prefault('http://person-server.localhost:8765')
      .describe('Identifier of the Person Server; the files of the demo name it'),
    UPSTREAM_TIMEOUT: envSeconds()
      .default(120)
      .describe('How long a backend may take until its response headers, in seconds'),
    WORKERS: z
      .literal('auto')
      .or(envInteger({ min: 1, max: 64 }))
      .default(1)
      .describe(
        'How many processes answer requests: a number, or `auto` for one for each processor core; more than one needs DATABASE_URL',
      ),
    EXT_AUTHZ_TIMEOUT: envSeconds()
      .default(10)
      .describe('How long an ext_authz check may take, in seconds; a shorter deadline of the gateway wins'),
    EXT_AUTHZ_CONCURRENCY: envInteger({ min: 1, max: 100_000 })
      .default(1000)
      .describe('How many ext_authz checks may be under way in each worker; what comes beyond is refused with 503'),
  });
};

export interface Config {
  host: string;
  logLevel: LogLevel;
  databaseUrl: string | undefined;
  /** Processes that answer requests. */
  workers: number;
  /** There whenever anything needs it. */
  proxySecret: string | undefined;
  identifiers: IdentifierPolicy;
  localhostDns: boolean;
  /** Seconds. */
  upstreamTimeout: number;
  /** Undefined: this process answers other gateways only. */
  gateway: (GatewayConfig & { readonly proxySecret: string }) | undefined;
  resources: ResourcesConfig;
  extAuthz: {
    /** Seconds. */
    readonly timeout: number;
    readonly concurrency: number;
  };
  /** Settings to point out at start. */
  remarks: readonly string[];
}

/**
 * Reads the configuration from the environment and from the two files it names.
 *
 * @throws ConfigError naming every wrong variable
 * @throws ConfigFileError naming file, key and reason
 */
export function loadConfig(environment: Environment): Config {
  const identifiers = { allowLoopback: allowsLoopback(environment) };
  const env = parseConfig(schema(identifiers), environment);
  const inFiles = {
    ...environment,
    AGENT_PROVIDER_URL: env.AGENT_PROVIDER_URL,
    PERSON_SERVER_URL: env.PERSON_SERVER_URL,
    // Rules compare identifiers of agents, which end with the provider's host.
    AGENT_PROVIDER_DOMAIN: environment.AGENT_PROVIDER_DOMAIN || agentDomain(env.AGENT_PROVIDER_URL),
  };
  const demo = modes[env.AAUTH_MODE];
  const resourcesFile = env.AAUTH_CONFIG ?? inInfra(demo.resources);
  const resources = loadResourcesFile(resourcesFile, inFiles, identifiers);
  const { AAUTH_PROXY_SECRET: proxySecret } = env;
  const secretFor = (whom: string): string => {
    if (proxySecret !== undefined) return proxySecret;
    const expected = `${secretExpected} (needed by ${whom}),`;
    throw new ConfigError([{ variable: 'AAUTH_PROXY_SECRET', value: undefined, expected }]);
  };
  const remarks = [...resources.remarks];
  const isDemo = env.AAUTH_CONFIG === undefined || Boolean(environment.AAUTH_MODE);
  const gatewayFile = env.GATEWAY_CONFIG ?? (isDemo ? inInfra(demo.gateway) : noGateway);
  if (env.GATEWAY_CONFIG === undefined && gatewayFile === noGateway) {
    remarks.push('GATEWAY_CONFIG is not set: there is no gateway here, only ext_authz for another one');
  }
  const gateway = gatewayFile === noGateway ? undefined : loadGatewayFile(gatewayFile, inFiles, resources.resources);
  if (gateway) {
    const unrouted = unroutedAddresses(gateway.binds, resources.resources);
    remarks.push(...gateway.remarks, ...unrouted.map((remark) => `${gatewayFile}: ${remark}`));
  }
  const workers = env.WORKERS === 'auto' ? availableParallelism() : env.WORKERS;
  if (workers > 1 && env.DATABASE_URL === undefined) {
    const expected =
      'a PostgreSQL database: without it no worker knows which requests and revocations the others have seen,';
    throw new ConfigError([{ variable: `DATABASE_URL (with WORKERS=${workers})`, value: undefined, expected }]);
  }
  const forwarding = resources.resources.find(({ forwardProxySecret }) => forwardProxySecret);
  if (forwarding) secretFor(`forward_proxy_secret of resource ${forwarding.id}`);
  return {
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    workers,
    proxySecret,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
    upstreamTimeout: env.UPSTREAM_TIMEOUT,
    gateway: gateway && { ...gateway, proxySecret: secretFor('the gateway') },
    resources,
    extAuthz: { timeout: env.EXT_AUTHZ_TIMEOUT, concurrency: env.EXT_AUTHZ_CONCURRENCY },
    remarks,
  };
}
