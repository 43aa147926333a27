import {
  type IdentifierPolicy,
  parseEndpointUrl,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import {
  allowsLoopback,
  type Environment,
  enrolmentEnv,
  envDatabaseUrl,
  envList,
  envParsed,
  envSeconds,
  envUrl,
  type LogLevel,
  parseConfig,
  peerEnv,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';

export const schema = (policy: IdentifierPolicy) => {
  const identifier = envParsed('a server identifier', (text) => parseServerIdentifier(text, policy));
  return z.object({
    ...serverEnv(8000),
    ...peerEnv(),
    ...enrolmentEnv(identifier, '.data/keys/backend-stable.pem'),
    DATABASE_URL: envDatabaseUrl().describe('PostgreSQL database of this service'),
    SUPPLY_CHAIN_AGENT_URL: identifier
      .prefault('http://supply-chain-agent.localhost:3000')
      .describe('Identifier of the supply-chain agent, where its clients reach it'),
    BACKEND_AGENT_NAME: z
      .string()
      .min(1)
      .max(256)
      .default('Backend App')
      .describe('Name under which this agent enrols'),
    CORS_ALLOWED_ORIGINS: envList()
      .default(['http://localhost:3050'])
      .describe('Origins whose pages may call this API'),
    BACKEND_URL: identifier
      .prefault('http://backend.localhost:8000')
      .describe('Where browsers reach this service: people are sent back to /auth-callback there'),
    FRONTEND_URL: identifier
      .optional()
      .describe('Where the demo UI is; when it is set, people are sent back to /auth-callback there'),
    PERSON_SERVER_PORTAL_URL: envUrl()
      .optional()
      .describe('Where people approve agents and answer; by default /ui of the person server'),
    AAUTH_FLOW_SECRET: z
      .string()
      .min(16, 'a secret of at least 16 characters, the same at every service')
      .optional()
      .describe('What services deliver their spans with; when it is unset, they are taken from this machine alone'),
    AAUTH_FLOW_RUNS: z.coerce
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(50)
      .describe('Of how many runs the exchanges are kept'),
    JAEGER_UI_URL: envUrl().optional().describe('Where people look at traces'),
    OIDC_ISSUER: envParsed('an https URL, or http on this machine', (text) => parseIssuer(text, policy))
      .optional()
      .describe(
        'OpenID Provider at which people sign in; when it is unset, everybody is a guest and sees every guest’s runs',
      ),
    OIDC_CLIENT_ID: z.string().min(1).default('supply-chain-ui').describe('The client that the demo UI is there'),
    OIDC_AUDIENCE: envList()
      .optional()
      .describe('Audiences of tokens that are for this API; by default the client’s id'),
    OIDC_SCOPE: z.string().min(1).default('openid profile email').describe('What the demo UI asks for at sign-in'),
    AGENT_TIMEOUT_SECONDS: envSeconds()
      .default(120)
      .describe('How long the agents may take for a run, without the time that a person takes to decide'),
    ENROLMENT_TIMEOUT_SECONDS: envSeconds()
      .default(3600)
      .describe('How long a run waits for the person to approve this agent'),
  });
};

/** The known demo's names. */
export const aliases = { AGENT_SERVER_BASE: 'AGENT_PROVIDER_URL' };

export interface SignInConfig {
  issuer: string;
  clientId: string;
  audiences: string[];
  scope: string;
}

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
  /** Where people are sent back to after a decision. */
  authCallback: URL;
  /** Where people approve agents and answer what the person server asks. */
  portal: string;
  jaegerUi: string | undefined;
  /** What services deliver their spans with. */
  flowSecret: string | undefined;
  /** Of how many runs the exchanges are kept. */
  flowRuns: number;
  /** Absent when nobody has to sign in. */
  signIn: SignInConfig | undefined;
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
  const identifiers = { allowLoopback: allowsLoopback(environment) };
  const env = parseConfig(schema(identifiers), environment, { aliases, warn });
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    agentProvider: env.AGENT_PROVIDER_URL,
    personServer: env.PERSON_SERVER_URL,
    supplyChainAgent: env.SUPPLY_CHAIN_AGENT_URL,
    agentName: env.BACKEND_AGENT_NAME,
    stableKeyFile: env.STABLE_KEY_FILE,
    allowedOrigins: env.CORS_ALLOWED_ORIGINS,
    authCallback: new URL('/auth-callback', env.FRONTEND_URL ?? env.BACKEND_URL),
    portal: env.PERSON_SERVER_PORTAL_URL ?? new URL('/ui', env.PERSON_SERVER_URL).href,
    jaegerUi: env.JAEGER_UI_URL,
    flowSecret: env.AAUTH_FLOW_SECRET,
    flowRuns: env.AAUTH_FLOW_RUNS,
    signIn: env.OIDC_ISSUER === undefined ? undefined : signInConfig(env.OIDC_ISSUER, env),
    agentTimeoutMs: env.AGENT_TIMEOUT_SECONDS * 1000,
    enrolmentTimeoutMs: env.ENROLMENT_TIMEOUT_SECONDS * 1000,
    identifiers,
    localhostDns: env.AAUTH_LOCALHOST_DNS,
  };
}

/** Issuers are compared as they are written. */
function parseIssuer(text: string, policy: IdentifierPolicy): string {
  parseEndpointUrl(text, policy);
  return text;
}

function signInConfig(
  issuer: string,
  env: { OIDC_CLIENT_ID: string; OIDC_AUDIENCE?: string[] | undefined; OIDC_SCOPE: string },
): SignInConfig {
  const { OIDC_CLIENT_ID: clientId, OIDC_AUDIENCE: audiences = [clientId], OIDC_SCOPE: scope } = env;
  return { issuer, clientId, audiences, scope };
}
