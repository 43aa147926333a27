/** What an MCP server answered: HTTP status and the JSON-RPC message. */
export interface McpAnswer {
  status: number;
  headers: Headers;
  message: { result?: Record<string, unknown>; error?: { code: number; data?: unknown } };
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Opens a session with an MCP server, and calls it one message a request. */
export async function openMcp(url: string, fetch: Fetch) {
  let id = 0;
  let session: string | undefined;

  async function call(method: string, params: object = {}): Promise<McpAnswer> {
    id += 1;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    });
    const { status, headers } = response;
    const text = await response.text();
    const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data);
    return { status, headers, message: JSON.parse(events.at(-1) ?? text) };
  }

  const clientInfo = { name: 'test', version: '1' };
  const opened = await call('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  session = opened.headers.get('mcp-session-id') ?? undefined;
  return {
    opened,
    call,
    tool: (name: string, input: object = {}) => call('tools/call', { name, arguments: input }),
    async tools(): Promise<string[]> {
      const listed: { name: string }[] = Object((await call('tools/list')).message.result?.tools);
      return listed.map(({ name }) => name);
    },
  };
}
