import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys, verifyNodeRequest } from '@aauth-stack/aauth/node';
import { createResource } from '@aauth-stack/aauth/resource';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const identifiers = { allowLoopback: true };

export interface ProtectedMcpServer {
  readonly url: string;
  /** The agents whose requests were let in, in order. */
  readonly agents: string[];
  close(): Promise<void>;
}

/** An MCP server over Streamable HTTP with one tool, for agents of one provider. */
export async function startMcpServer(provider: string): Promise<ProtectedMcpServer> {
  const agents: string[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer(async (request, response) => {
    const { verdict, body } = await verifyNodeRequest(resource, request);
    if (!verdict.ok) {
      response.writeHead(verdict.response.status, verdict.response.headers).end(verdict.response.body);
      return;
    }
    agents.push('agent' in verdict.principal ? verdict.principal.agent : verdict.principal.level);
    const known = sessions.get(`${request.headers['mcp-session-id']}`);
    const transport = known ?? (await openSession());
    await transport.handleRequest(request, response, body && JSON.parse(Buffer.from(body).toString()));
  });

  async function openSession(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    const mcp = new McpServer({ name: 'stock', version: '1' }, { capabilities: { logging: {} } });
    mcp.registerTool('count', { inputSchema: { item: z.string() } }, async ({ item }, { sendNotification }) => {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: `counting ${item}` } });
      return { content: [{ type: 'text', text: `3 × ${item}` }] };
    });
    await mcp.connect(transport);
    return transport;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const origin = `http://stock.localhost:${typeof address === 'object' ? address?.port : ''}`;
  const resource = createResource({
    identifier: parseServerIdentifier(origin, identifiers),
    agentProviders: [{ issuer: parseServerIdentifier(provider, identifiers) }],
    discovery: createDiscovery({ fetch: createEgressFetch(identifiers), keys: nodeKeys, identifiers }),
    keys: nodeKeys,
    identifiers,
  });
  return {
    url: `${origin}/mcp`,
    agents,
    close: async () => {
      for (const transport of sessions.values()) await transport.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
