import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { EventStore } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { startServer, type TestServer } from './servers.ts';

export interface TestMcpServer extends TestServer {
  /** What arrived, oldest first. */
  readonly requests: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Tools that were called, oldest first. */
  readonly calls: { readonly tool: string; readonly input: unknown }[];
  /** Calls of `slow` that were canceled. */
  readonly canceled: string[];
  /** Lets every call of `slow` go on by one step. */
  step(): void;
  sessions(): number;
  /** Forgets every session, as a restart would. */
  forget(): void;
}

/** An MCP server over HTTP that keeps sessions, whose streams can be resumed. */
export async function startMcpServer(
  tools: readonly string[] = ['echo', 'place_purchase_order'],
): Promise<TestMcpServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const state = { requests: [], calls: [], canceled: [] } as Pick<TestMcpServer, 'requests' | 'calls' | 'canceled'>;
  let steps: (() => void)[] = [];
  const nextStep = () => new Promise<void>((resolve) => void steps.push(resolve));

  function createServer(): McpServer {
    const server = new McpServer({ name: 'test', version: '1' });
    for (const tool of tools) {
      server.registerTool(tool, { inputSchema: { text: z.string().default('') } }, (input) => {
        state.calls.push({ tool, input });
        return { content: [{ type: 'text', text: `${tool}: ${input.text}` }] };
      });
    }
    server.registerTool('slow', { inputSchema: {} }, async (_input, { signal, sendNotification, _meta }) => {
      state.calls.push({ tool: 'slow', input: {} });
      signal.addEventListener('abort', () => void state.canceled.push(String(signal.reason)));
      const progressToken = _meta?.progressToken ?? 0;
      for (const progress of [1, 2]) {
        await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 2 } });
        await nextStep();
      }
      return { content: [{ type: 'text', text: 'done at last' }] };
    });
    server.registerPrompt('greet', { description: 'Says hello.' }, () => ({
      messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
    }));
    server.registerResource('readme', 'test://readme', {}, (uri) => ({
      contents: [{ uri: uri.href, text: 'read me' }],
    }));
    return server;
  }

  const server = await startServer(async (request, response) => {
    state.requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    const id = String(request.headers['mcp-session-id'] ?? '');
    const known = transports.get(id);
    if (known) return known.handleRequest(request, response);
    if (id) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (opened) => void transports.set(opened, transport),
      onsessionclosed: (closed) => void transports.delete(closed),
      eventStore: inMemory(),
    });
    await createServer().connect(transport);
    await transport.handleRequest(request, response);
  });
  return {
    ...server,
    ...state,
    step() {
      const due = steps;
      steps = [];
      for (const go of due) go();
    },
    sessions: () => transports.size,
    forget: () => transports.clear(),
  };
}

function inMemory(): EventStore {
  const events: { id: string; streamId: string; message: JSONRPCMessage }[] = [];
  return {
    async storeEvent(streamId, message) {
      const id = `${streamId}_${events.length}`;
      events.push({ id, streamId, message });
      return id;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = lastEventId.slice(0, lastEventId.lastIndexOf('_'));
      const from = events.findIndex(({ id }) => id === lastEventId) + 1;
      for (const event of events.slice(from)) if (event.streamId === streamId) await send(event.id, event.message);
      return streamId;
    },
  };
}
