import { z } from 'zod';
import { hasLookalike, parseUnambiguousJson } from '../gateway/unambiguous-json.ts';

/** Something that a server offers under a name. */
export interface McpItem {
  readonly kind: 'tool' | 'prompt' | 'resource';
  /** The URI of a resource. */
  readonly name: string;
  /** Of a call. */
  readonly arguments?: unknown;
}

/** A JSON-RPC message of a client, as far as a gateway is concerned with it. */
export interface McpMessage {
  /** Absent on notifications and on responses. */
  readonly id: string | number | undefined;
  /** Absent on responses. */
  readonly method: string | undefined;
  /** What it uses. */
  readonly item: McpItem | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface McpBody {
  readonly messages: readonly McpMessage[];
  readonly isBatch: boolean;
}

const message = z.looseObject({
  jsonrpc: z.literal('2.0'),
  method: z.string().optional(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

/** Members whose meaning is decided about here. */
const decisive = new Set(['jsonrpc', 'id', 'method', 'params', 'name', 'uri', 'ref', 'arguments']);

/**
 * Reads the body of a POST to an MCP endpoint; undefined when it is not JSON-RPC, or could be read in two ways.
 */
export function readBody(bytes: Uint8Array): McpBody | undefined {
  const parsed = z.union([message, z.array(message).min(1).max(100)]).safeParse(parseUnambiguousJson(bytes));
  if (!parsed.success) return undefined;
  const messages = [parsed.data].flat();
  const isUnclear = (part: object) => hasLookalike(part, decisive);
  if (messages.some((each) => isUnclear(each) || isUnclear(each.params ?? {}) || hasOddName(each.params))) {
    return undefined;
  }
  return { messages: messages.map(toMessage), isBatch: Array.isArray(parsed.data) };
}

/** Whether what is used is called by something else than a string, of which every server could make another string. */
function hasOddName(params: Readonly<Record<string, unknown>> = {}): boolean {
  const { name, uri } = params;
  const reference = Object(params.ref);
  return [name, uri, reference.name, reference.uri].some((each) => each !== undefined && typeof each !== 'string');
}

function toMessage({ method, id, params = {} }: z.output<typeof message>): McpMessage {
  return { method, id: id ?? undefined, params, item: method === undefined ? undefined : itemOf(method, params) };
}

function itemOf(method: string, params: Readonly<Record<string, unknown>>): McpItem | undefined {
  switch (method) {
    case 'tools/call':
      return { kind: 'tool', name: String(params.name), arguments: params.arguments ?? {} };
    case 'prompts/get':
      return { kind: 'prompt', name: String(params.name), arguments: params.arguments ?? {} };
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return { kind: 'resource', name: String(params.uri) };
    case 'completion/complete': {
      const { name, uri } = Object(params.ref);
      return uri === undefined ? { kind: 'prompt', name: String(name) } : { kind: 'resource', name: String(uri) };
    }
    default:
      return undefined;
  }
}
