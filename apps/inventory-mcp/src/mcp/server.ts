import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import type { Logger } from '@aauth-stack/service/logger';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Database } from '../db/database.ts';
import { callTool } from './call-tool.ts';
import { registerPrompts } from './prompts.ts';
import { registerResources } from './resources.ts';
import { tools } from './tools.ts';

export interface ServerOptions {
  database: Database;
  caller: ForwardedPrincipal;
  /** Undefined for the request that opens the session. */
  sessionId: string | undefined;
  now: () => Date;
  log: Logger;
}

const instructions =
  "The laptops, people and market of AcmeCorp. Lists have pages: go on with next_cursor. place_purchase_order spends the company's money.";

/** The MCP server for one request of one caller: it keeps nothing, so that any replica can answer the next one. */
export function createServer({ database, caller, sessionId, now, log }: ServerOptions): McpServer {
  const server = new McpServer(
    { name: 'inventory-mcp', title: 'AcmeCorp inventory', version: '1.0.0' },
    { instructions },
  );
  for (const tool of tools) {
    const { name, title, description, inputSchema, outputSchema, annotations } = tool;
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (input, { signal }) =>
      callTool(tool, input, { database, caller, now, signal }, log),
    );
  }
  registerResources(server, { db: database.db, caller, sessionId, log });
  registerPrompts(server);
  return server;
}
