import { appendFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

/** A program that speaks MCP over its standard input and output. Run by Node; notes what happens to it in the file TRACE. */
function note(what: string): void {
  if (process.env.TRACE) appendFileSync(process.env.TRACE, `${what}\n`);
}

note(`start ${process.pid}`);
const server = new McpServer({ name: 'stdio', version: '1' });
server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
  content: [{ type: 'text', text: `from the process: ${text}` }],
}));
server.registerTool('environment', {}, () => ({
  content: [{ type: 'text', text: Object.keys(process.env).sort().join(' ') }],
}));
server.registerTool('die', {}, async ({ sendNotification, _meta }) => {
  const progressToken = _meta?.progressToken ?? 0;
  await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } });
  process.exit(3);
});
server.registerTool('hang', {}, async ({ signal }) => {
  note('hang');
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  note('canceled');
  return { content: [] };
});
await server.connect(new StdioServerTransport());
