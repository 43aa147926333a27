import {
  type Environment,
  envList,
  envParsed,
  envUrl,
  type LogLevel,
  parseConfig,
  serverEnv,
} from '@aauth-stack/service/config';
import { z } from 'zod';
import type { PageSettings } from './api/settings.ts';

const origin = () =>
  envParsed('an origin such as http://backend.localhost:8000', (text) => {
    const url = URL.parse(text);
    if (!url || url.origin === 'null' || `${url.origin}/` !== url.href) throw new TypeError('it is no origin');
    return url.origin;
  });

export const schema = z.object({
  ...serverEnv(3050),
  BACKEND_URL: origin()
    .prefault('http://backend.localhost:8000')
    .describe('Where browsers reach the backend, whose pages these are'),
  OIDC_ISSUER: envUrl().optional().describe('OpenID Provider at which people sign in; without it everybody is a guest'),
  OIDC_CLIENT_ID: z.string().min(1).default('supply-chain-ui').describe('Client identifier of these pages there'),
  OIDC_SCOPE: z.string().min(1).default('openid profile email').describe('Scopes that are asked for at sign-in'),
  OIDC_RESOURCE: z
    .string()
    .optional()
    .describe(
      '`resource` parameter of the sign-in (RFC 8707), for providers that need it for a token of the backend’s',
    ),
  CONNECT_ORIGINS: envList()
    .pipe(z.array(origin()))
    .default([])
    .describe(
      'Further origins that the pages may call: those of an OpenID Provider’s endpoints where its issuer is elsewhere',
    ),
});

/** The known demo's names. */
export const aliases = { REACT_APP_API_BASE_URL: 'BACKEND_URL' };

export interface Config {
  host: string;
  port: number;
  logLevel: LogLevel;
  /** What the pages read at run time, so that one build serves any address. */
  settings: PageSettings;
  /** Origins that the pages may call, beside their own. */
  connectOrigins: string[];
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError naming every wrong variable
 */
export function loadConfig(environment: Environment, warn: (message: string) => void): Config {
  const env = parseConfig(schema, environment, { aliases, warn });
  const issuerOrigin = env.OIDC_ISSUER === undefined ? [] : [new URL(env.OIDC_ISSUER).origin];
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    settings: {
      backend_url: env.BACKEND_URL,
      oidc:
        env.OIDC_ISSUER === undefined
          ? null
          : {
              issuer: env.OIDC_ISSUER,
              client_id: env.OIDC_CLIENT_ID,
              scope: env.OIDC_SCOPE,
              resource: env.OIDC_RESOURCE ?? null,
            },
    },
    connectOrigins: [env.BACKEND_URL, ...issuerOrigin, ...env.CONNECT_ORIGINS],
  };
}
