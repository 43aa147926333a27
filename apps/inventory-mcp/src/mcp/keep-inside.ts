import type { Logger } from '@aauth-stack/service/logger';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * Makes a handler tell its caller only what is meant for them. What went wrong here, such as a query with its parameters, is for the
 * log: the SDK would send every error's message.
 */
export function keepInside<Args extends unknown[], Result>(
  log: Logger,
  handler: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (error instanceof McpError) throw error;
      log.error({ err: error }, 'a resource could not be served');
      throw new McpError(ErrorCode.InternalError, 'It failed here; the log of the server has the reason.');
    }
  };
}
