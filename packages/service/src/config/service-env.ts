import { z } from 'zod';
import { envBoolean, envLogLevel, type envParsed, envPort, envSeconds } from './env.ts';
import { type Environment, parseConfig } from './parse-config.ts';

/** How a service ends that was asked to. */
export const stopEnv = () => ({
  STOP_DELAY: envSeconds({ min: 0, max: 300 })
    .default(0)
    .describe(
      'How long it goes on serving after SIGTERM, with /readyz answering 503: until a balancer in front has noticed',
    ),
  STOP_TIMEOUT: envSeconds({ max: 300 })
    .default(5)
    .describe('How long requests under way may then take before they are cut'),
});

/** What every service that listens reads. Spread it into the service's own schema. */
export const serverEnv = (port: number) => ({
  HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  PORT: envPort().default(port).describe('Port to listen on'),
  LOG_LEVEL: envLogLevel().default('info').describe('Least important level that is logged'),
  ...stopEnv(),
});

/** What every service reads that knows its peers by their identifiers. */
export const peerEnv = () => ({
  NODE_ENV: z.string().optional().describe('`production` turns the exemptions for this machine off'),
  AAUTH_ALLOW_LOOPBACK: envBoolean()
    .optional()
    .describe('Admit http and ports on loopback names; on by default unless NODE_ENV is production'),
  AAUTH_LOCALHOST_DNS: envBoolean().default(false).describe('Resolve *.localhost by DNS, as inside compose'),
});

/**
 * Whether `http` and ports are admitted on loopback names. Known before anything else is read, because it decides which
 * identifiers are right.
 *
 * @throws ConfigError when AAUTH_ALLOW_LOOPBACK is neither yes nor no
 */
export function allowsLoopback(environment: Environment): boolean {
  const { NODE_ENV, AAUTH_ALLOW_LOOPBACK } = parseConfig(z.object(peerEnv()), environment);
  return AAUTH_ALLOW_LOOPBACK ?? NODE_ENV !== 'production';
}

const proxySecretExpected = 'the secret that the proxy in front sends, of at least 32 visible ASCII characters';

/** What every service reads that is told by a proxy in front who sent a request. */
export const behindProxyEnv = () => ({
  AAUTH_PROXY_SECRET: z
    .string({ error: proxySecretExpected })
    .min(32, proxySecretExpected)
    .regex(/^[\x21-\x7e]+$/, proxySecretExpected)
    .describe('Proves that a request came through the proxy'),
});

/**
 * What every service reads that enrols as an agent.
 *
 * @param identifier schema of a server identifier, made with `envParsed`
 * @param stableKeyFile default of STABLE_KEY_FILE, relative to the working directory
 */
export const enrolmentEnv = <Identifier>(
  identifier: ReturnType<typeof envParsed<Identifier>>,
  stableKeyFile: string,
) => ({
  AGENT_PROVIDER_URL: identifier
    .prefault('http://agent-provider.localhost:8766')
    .describe('Identifier of the Agent Provider at which this agent enrols'),
  PERSON_SERVER_URL: identifier
    .prefault('http://person-server.localhost:8765')
    .describe('Identifier of the Person Server whose person approves this agent'),
  STABLE_KEY_FILE: z
    .string()
    .default(stableKeyFile)
    .describe("File of this agent's stable key; made when it is missing"),
});
