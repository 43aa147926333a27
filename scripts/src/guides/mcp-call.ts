import { fence } from './format-http.ts';
import { formatJson, type JsonFormat } from './format-json.ts';
import type { Exchange } from './recorder.ts';

/** Calls MCP servers as an agent does, one message a request. */
export interface McpCaller {
  call(method: string, params?: object): Promise<Response>;
  /** The request after which a session is open. */
  initialize(): Promise<void>;
}

export function createMcpCaller(url: string, fetch: (url: string, init: RequestInit) => Promise<Response>): McpCaller {
  let id = 0;
  let session: string | undefined;
  const send = (message: object) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
  const call = (method: string, params: object = {}) => {
    id += 1;
    return send({ id, method, params });
  };
  return {
    call,
    async initialize() {
      const clientInfo = { name: 'guide-agent', version: '1.0.0' };
      const response = await call('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
      session = response.headers.get('mcp-session-id') ?? undefined;
    },
  };
}

/** The message that answers a request, whether it came alone or in an event stream, as Markdown. */
export function formatMessage({ response }: Exchange, format?: JsonFormat): string {
  return fence('json', formatJson(messageIn(response?.body ?? ''), format));
}

/** The tools of a list, one a line. */
export function formatTools({ response }: Exchange): string {
  const { result }: { result: { tools: { name: string; description: string }[] } } = JSON.parse(
    JSON.stringify(messageIn(response?.body ?? '')),
  );
  return result.tools.map(({ name, description }) => `- \`${name}\`: ${description}`).join('\n');
}

function messageIn(body: string): unknown {
  const lines = [...body.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data);
  return JSON.parse(lines.at(-1) ?? body);
}
