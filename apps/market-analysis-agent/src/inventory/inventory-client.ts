import { limitResponse } from '@aauth-stack/a2a/client';
import type { WorkFetch } from '@aauth-stack/aauth/agent';
import { withSpan } from '@aauth-stack/telemetry';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { z } from 'zod';
import { checkAnswer } from './inventory-error.ts';

export interface ToolDescription {
  name: string;
  description: string;
}

/** One conversation with the inventory server. */
export interface InventoryClient {
  listTools(): Promise<ToolDescription[]>;
  /**
   * Calls a tool until its last page.
   *
   * @param schema what a page must look like
   */
  callTool<Schema extends z.ZodType<{ next_cursor?: string | null | undefined }>>(
    name: string,
    input: Readonly<Record<string, unknown>>,
    schema: Schema,
  ): Promise<z.output<Schema>[]>;
}

export interface InventoryOptions {
  /** The MCP endpoint. */
  url: URL;
  /** Signs, and gets the access that the server requires. */
  fetch: WorkFetch;
  signal: AbortSignal;
}

/** How long one message may take is said by the signal: a person may have to allow it first. */
const timeout = 2 ** 31 - 1;
/** A server that never comes to an end of its pages is left. */
const maxPages = 100;

/** Opens a session with the inventory server for as long as `work` takes. */
export async function withInventory<T>(
  { url, fetch, signal }: InventoryOptions,
  work: (client: InventoryClient) => Promise<T>,
): Promise<T> {
  const transport = new StreamableHTTPClientTransport(url, { fetch: (input, init) => send(fetch, input, init) });
  const client = new Client({ name: 'market-analysis-agent', version: '1.0.0' });
  const giveUp = () => void client.close();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect(transport, { signal, timeout });
    const result = await work(clientOf(client, signal));
    // A session that cannot be ended ends by itself some day.
    await transport.terminateSession().catch(() => undefined);
    return result;
  } catch (error) {
    // The transport tells only that it was closed.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
    await client.close();
  }
}

function clientOf(client: Client, signal: AbortSignal): InventoryClient {
  return {
    async listTools() {
      const tools: ToolDescription[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const listed = await client.listTools({ cursor }, { signal, timeout });
        tools.push(...listed.tools.map(({ name, description = '' }) => ({ name, description })));
        cursor = listed.nextCursor;
        if (cursor === undefined) return tools;
      }
      throw new Error('the list of tools has no end.');
    },
    callTool: (name, input, schema) =>
      withSpan(`tools/call ${name}`, { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': name }, async () => {
        const pages: z.output<typeof schema>[] = [];
        let cursor: string | null | undefined;
        for (let page = 0; page < maxPages; page++) {
          const result = await client.callTool(
            { name, arguments: { ...input, ...(cursor && { cursor }) } },
            undefined,
            {
              signal,
              timeout,
            },
          );
          if (result.isError) throw new Error(`${name} failed: ${textOf(result.content)}`);
          const parsed = schema.safeParse(result.structuredContent);
          if (!parsed.success)
            throw new Error(`${name} gave something else than it should: ${parsed.error.issues[0]?.message}`);
          pages.push(parsed.data);
          cursor = parsed.data.next_cursor;
          if (!cursor) return pages;
        }
        throw new Error(`${name} has no last page.`);
      }),
  };
}

async function send(fetch: WorkFetch, input: string | URL, init?: RequestInit): Promise<Response> {
  // Nothing that the server might tell on its own is of interest to an analysis.
  if (init?.method === 'GET' && !new Headers(init.headers).has('last-event-id'))
    return new Response(null, { status: 405 });
  return checkAnswer(limitResponse(await fetch(input, init)));
}

function textOf(content: unknown): string {
  const parts: unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => String(Object(part).text ?? '')).join(' ');
}
