import type { Logger } from '@aauth-stack/service/logger';
import { currentSpan, forwardedAttributes, withSpan } from '@aauth-stack/telemetry';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { InputError } from './paging.ts';
import type { Tool, ToolContext } from './tool.ts';

/**
 * Runs a tool in a span of its own. What the caller got wrong is told to them; what went wrong here is told to the log, and to
 * them only that it did.
 */
export function callTool(tool: Tool, input: unknown, context: ToolContext, log: Logger): Promise<CallToolResult> {
  const attributes = {
    'mcp.method.name': 'tools/call',
    'gen_ai.tool.name': tool.name,
    ...forwardedAttributes(context.caller),
  };
  return withSpan(`tools/call ${tool.name}`, attributes, async () => {
    try {
      const structuredContent = { ...(await tool.run(input, context)) };
      return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
    } catch (error) {
      currentSpan()?.setAttribute('error.type', error instanceof InputError ? 'input' : 'internal');
      if (error instanceof InputError) return failure(error.message);
      if (context.signal.aborted) return failure('canceled');
      log.error({ err: error, tool: tool.name }, 'a tool failed');
      return failure('the tool failed; the log of the server has the reason');
    }
  });
}

function failure(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}
