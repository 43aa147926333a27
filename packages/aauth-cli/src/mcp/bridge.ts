import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  InitializeResultSchema,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';

interface BridgeOptions {
  /** Towards the host, which knows nothing of AAuth. */
  readonly host: Transport;
  /** Towards the server. */
  readonly server: Transport & { terminateSession?(): Promise<void> };
  readonly signal: AbortSignal;
  /** Settles when the host has nothing more to say; what it still waits for is answered first. */
  readonly hostEnded: Promise<unknown>;
  /** What a failure is answered to the host with. */
  readonly describe: (error: unknown) => string;
  readonly note: (text: string) => void;
}

// JSON-RPC 2.0 reserves -32000 to -32099 for what a server defines; MCP's own SDK uses the first for connections.
const connectionFailure = -32000;

/**
 * Passes messages between a host and a server, as they are, until one of them ends it. A request that cannot be delivered is answered with
 * an error, so that the host does not wait for ever.
 */
export async function bridge({ host, server, signal, hostEnded, describe, note }: BridgeOptions): Promise<void> {
  const over = Promise.withResolvers<void>();
  const end = () => over.resolve();
  const unanswered = new Set<string | number>();
  let initializeId: string | number | undefined;
  let isHostDone = false;

  function settle(id: string | number): void {
    unanswered.delete(id);
    if (isHostDone && unanswered.size === 0) end();
  }

  async function toServer(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCRequest(message)) unanswered.add(message.id);
    if (isJSONRPCRequest(message) && message.method === 'initialize') initializeId = message.id;
    try {
      await server.send(message);
    } catch (error) {
      const reason = describe(error);
      note(reason);
      if (!isJSONRPCRequest(message)) return;
      const failure = { code: connectionFailure, message: reason };
      await host.send({ jsonrpc: '2.0', id: message.id, error: failure });
      settle(message.id);
    }
  }

  async function toHost(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCResultResponse(message) && message.id === initializeId) {
      const result = InitializeResultSchema.safeParse(message.result);
      // Every later request to the server has to name it.
      if (result.success) server.setProtocolVersion?.(result.data.protocolVersion);
    }
    await host.send(message);
    if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined)
      settle(message.id);
  }

  host.onmessage = (message) => {
    toServer(message).catch(over.reject);
  };
  server.onmessage = (message) => {
    toHost(message).catch(over.reject);
  };
  host.onclose = end;
  server.onclose = end;
  host.onerror = (error) => note(`The host sent something that is no message: ${error.message}`);
  server.onerror = (error) => note(describe(error));
  signal.addEventListener('abort', end, { once: true });
  hostEnded.then(() => {
    isHostDone = true;
    if (unanswered.size === 0) end();
  }, over.reject);
  await server.start();
  await host.start();
  try {
    await over.promise;
  } finally {
    await server.terminateSession?.().catch((error: unknown) => note(describe(error)));
    await server.close();
    await host.close();
  }
}
