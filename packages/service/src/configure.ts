import type { Environment, LogLevel } from './config/index.ts';
import { createLogger, type Logger } from './logger.ts';

/**
 * Reads a service's configuration and makes its logger, which is told what came up while reading.
 *
 * @throws ConfigError from `loadConfig`
 */
export function configure<Config extends { logLevel: LogLevel }>(
  name: string,
  environment: Environment,
  loadConfig: (environment: Environment, warn: (message: string) => void) => Config,
): { config: Config; log: Logger } {
  const warnings: string[] = [];
  const config = loadConfig(environment, (message) => warnings.push(message));
  const log = createLogger({ name, level: config.logLevel });
  for (const warning of warnings) log.warn(warning);
  return { config, log };
}
