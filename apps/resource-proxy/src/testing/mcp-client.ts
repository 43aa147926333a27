import { createSignedFetch } from '@aauth-stack/aauth/agent';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface McpClientOptions {
  readonly url: string;
  /** What the client presents; it signs nothing without. */
  readonly presents?: { readonly token: string; readonly key: SigningKey };
  readonly now: () => number;
  /** Where the requests go, if not to the port of the URL: another replica. */
  readonly port?: number;
}

/** An MCP client whose requests are signed. */
export async function connectMcp({ url, presents, now, port }: McpClientOptions) {
  const http = createHttpFetch();
  let connections = new AbortController();
  const cuttable: typeof fetch = (input, init = {}) => {
    const signal = AbortSignal.any([connections.signal, ...(init.signal ? [init.signal] : [])]);
    const target = new URL(input instanceof Request ? input.url : input);
    if (port !== undefined) target.port = String(port);
    return http(target, { ...init, signal });
  };
  const credentials = presents && { ...presents, agent: '', claims: {}, expiresAt: Number.POSITIVE_INFINITY };
  const signed = credentials
    ? createSignedFetch({ credentials: async () => credentials, fetch: cuttable, now })
    : cuttable;
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: signed,
    reconnectionOptions: {
      initialReconnectionDelay: 20,
      maxReconnectionDelay: 100,
      reconnectionDelayGrowFactor: 1.5,
      maxRetries: 20,
    },
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return {
    client,
    transport,
    signed,
    /** Breaks every connection off that the client has at this moment. */
    cut() {
      connections.abort();
      connections = new AbortController();
    },
    async close() {
      await client.close();
      connections.abort();
      await http.close();
    },
  };
}
