import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { type Result, ResultSchema, type ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';

export interface McpRequest {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** On whose behalf a target is asked. */
export interface McpCaller {
  readonly sessionId: string;
  /** What the target is told about the sender, who may have been verified anew since the last request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One of the servers behind an endpoint. */
export interface McpTargetConnection {
  readonly name: string;
  /** @throws McpError when the server cannot be reached, ends meanwhile, or answers with an error */
  request(caller: McpCaller, request: McpRequest, options: RequestOptions): Promise<Result>;
  /** What the server can do. */
  capabilities(caller: McpCaller): Promise<ServerCapabilities>;
  /** Forgets what it keeps for a session. */
  end(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

/** As which this gateway introduces itself to targets. */
export const clientInfo = { name: 'aauth-resource-proxy', version: '1.0.0' };

/** Sends a request as it is, and returns the result as it is. */
export function pass(client: Client, { method, params }: McpRequest, options: RequestOptions): Promise<Result> {
  return client.request({ method, params }, ResultSchema, options);
}
