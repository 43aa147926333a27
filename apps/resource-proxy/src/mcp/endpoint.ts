import type { Logger } from '@aauth-stack/service/logger';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CancelledNotificationSchema, ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { refusal } from './answers.ts';
import type { ItemPolicy } from './item-policy.ts';
import type { McpBody } from './messages.ts';
import { createMultiplexer } from './multiplexer.ts';
import type { McpSessions } from './sessions.ts';
import type { McpTargetConnection } from './targets/target.ts';

interface EndpointRequest {
  readonly method: string;
  readonly headers: Headers;
  /** Of a POST. */
  readonly body: McpBody | undefined;
  readonly bytes: Uint8Array | undefined;
  /** To whom sessions belong. */
  readonly owner: string;
  readonly policy: ItemPolicy;
  /** What targets are told about the sender. */
  readonly statements: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface McpEndpoint {
  answer(request: EndpointRequest): Promise<Response>;
  close(): Promise<void>;
}

const sessionHeader = 'mcp-session-id';

/** The one MCP endpoint of several servers. It keeps nothing of a session but what is under way. */
export function createMcpEndpoint(
  targets: readonly McpTargetConnection[],
  sessions: McpSessions,
  log: Logger,
): McpEndpoint {
  const underWay = new Map<string, AbortController>();
  const keyOf = (sessionId: string, id: string | number) => JSON.stringify([sessionId, id]);

  async function post(request: EndpointRequest, sessionId: string): Promise<Response> {
    const { body, bytes, headers, policy, statements, timeoutMs } = request;
    for (const message of body?.messages ?? []) {
      const { method, params } = message;
      const cancelled = CancelledNotificationSchema.safeParse({ method, params }).data?.params;
      if (cancelled?.requestId === undefined) continue;
      underWay.get(keyOf(sessionId, cancelled.requestId))?.abort(cancelled.reason ?? 'canceled');
    }
    const caller = { sessionId, headers: statements };
    async function cancelable<T>(id: string | number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const controller = new AbortController();
      const key = keyOf(sessionId, id);
      underWay.set(key, controller);
      try {
        return await work(controller.signal);
      } finally {
        underWay.delete(key);
      }
    }
    const server = createMultiplexer({ targets, policy, caller, timeoutMs, cancelable, log });
    server.onerror = (error) => log.debug({ err: error }, 'MCP');
    const transport = new WebStandardStreamableHTTPServerTransport();
    await server.connect(transport);
    // The SDK looks at the headers and the body; where it was sent to has been decided.
    const url = 'http://gateway.invalid/';
    return transport.handleRequest(new Request(url, { method: 'POST', headers, body: Buffer.from(bytes ?? []) }));
  }

  return {
    async answer(request) {
      const { method, headers, body, owner } = request;
      if (method === 'GET') return refusal(405, ErrorCode.InvalidRequest, 'This endpoint tells nothing on its own.');
      if (body?.messages.some((message) => message.method === 'initialize')) {
        const sessionId = sessions.open(owner);
        const response = await post(request, sessionId);
        if (!response.ok) return response;
        return new Response(response.body, {
          headers: { ...Object.fromEntries(response.headers), [sessionHeader]: sessionId },
        });
      }
      const sessionId = headers.get(sessionHeader);
      if (!sessionId) {
        return refusal(400, ErrorCode.InvalidRequest, 'Mcp-Session-Id is missing: initialize a session first.');
      }
      if (!sessions.isOpen(sessionId, owner)) {
        return refusal(404, -32_001, 'There is no such session of this caller; initialize a new one.');
      }
      if (method === 'POST') return post(request, sessionId);
      await Promise.all(targets.map((target) => target.end(sessionId)));
      return new Response(null, { status: 204 });
    },
    async close() {
      await Promise.all(targets.map((target) => target.close()));
    },
  };
}
