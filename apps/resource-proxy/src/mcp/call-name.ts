import type { NamedCall } from '../gateway/named-call.ts';
import { readBody } from './messages.ts';

const nameable = /^[\w./:-]{1,100}$/;

/** What a request to an MCP endpoint does, for spans and the access log. */
export function nameMcpCall(bytes: Uint8Array): NamedCall | undefined {
  const body = readBody(bytes);
  const [message] = body?.messages ?? [];
  if (body?.isBatch) return { name: 'mcp batch', attributes: { 'mcp.method.name': 'batch' } };
  if (!message?.method || !nameable.test(message.method)) return undefined;
  const { method, item } = message;
  const tool = item?.kind === 'tool' && nameable.test(item.name) ? item.name : undefined;
  return {
    name: `mcp ${method}${tool === undefined ? '' : ` ${tool}`}`,
    attributes: { 'mcp.method.name': method, ...(tool !== undefined && { 'gen_ai.tool.name': tool }) },
  };
}
