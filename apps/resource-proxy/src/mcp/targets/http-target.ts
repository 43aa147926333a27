import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { HttpTarget } from '../../configuration/routes.ts';
import { clientInfo, type McpCaller, type McpTargetConnection, pass } from './target.ts';

/** Sessions beyond this are forgotten, the one that was not used for the longest time first; whoever comes back gets a new one. */
const maxSessions = 500;

const reconnectionOptions = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 5_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 3,
};

interface OpenSession {
  readonly client: Promise<Client>;
  readonly transport: StreamableHTTPClientTransport;
  headers: Readonly<Record<string, string>>;
}

/** Talks to an MCP server over HTTP, in one session of the server for each session here. */
export function connectHttp(
  name: string,
  { host, path }: HttpTarget,
  fetch: typeof globalThis.fetch,
): McpTargetConnection {
  const sessions = new Map<string, OpenSession>();
  const url = new URL(path, `http://${host}`);

  function open(sessionId: string, headers: OpenSession['headers']): OpenSession {
    const transport = new StreamableHTTPClientTransport(url, {
      fetch(input, init) {
        // What the server tells on its own reaches nobody through here.
        const isListening = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id');
        if (isListening) return Promise.resolve(new Response(null, { status: 405 }));
        const sent = new Headers(init?.headers);
        for (const [header, value] of Object.entries(session.headers)) sent.set(header, value);
        return fetch(input, { ...init, headers: sent }).then((response) => watchStream(response, giveUp));
      },
      reconnectionOptions,
    });
    const client = new Client(clientInfo);
    // The transport tells that it has given up a stream, and leaves those who wait for it waiting.
    client.onerror = ({ message }) => {
      if (message.startsWith('Maximum reconnection attempts')) giveUp();
    };
    const giveUp = () => {
      if (sessions.get(sessionId) === session) sessions.delete(sessionId);
      void client.close();
    };
    const session: OpenSession = {
      transport,
      headers,
      client: client.connect(transport).then(
        () => client,
        (error: unknown) => {
          forget(sessionId);
          throw unavailable(name, error);
        },
      ),
    };
    return session;
  }

  function forget(sessionId: string): OpenSession | undefined {
    const session = sessions.get(sessionId);
    sessions.delete(sessionId);
    return session;
  }

  async function leave({ client, transport }: OpenSession): Promise<void> {
    // A session that cannot be ended ends by itself some day.
    await transport.terminateSession().catch(() => undefined);
    await (await client.catch(() => undefined))?.close();
  }

  async function connected({ sessionId, headers }: McpCaller): Promise<Client> {
    const session = forget(sessionId) ?? open(sessionId, headers);
    session.headers = headers;
    // Put back at the end, so that the map stays in the order of last use.
    sessions.set(sessionId, session);
    const [oldest] = sessions.keys();
    if (sessions.size > maxSessions && oldest !== undefined) {
      const left = forget(oldest);
      if (left) void leave(left);
    }
    return session.client;
  }

  return {
    name,
    async request(caller, request, options) {
      try {
        return await pass(await connected(caller), request, options);
      } catch (error) {
        // The server has forgotten the session; what it refused that way it has not done.
        if (!(error instanceof StreamableHTTPError && error.code === 404)) throw unavailable(name, error);
        forget(caller.sessionId);
        return await pass(await connected(caller), request, options);
      }
    },
    async capabilities(caller) {
      return (await connected(caller)).getServerCapabilities() ?? {};
    },
    async end(sessionId) {
      const session = forget(sessionId);
      if (session) await leave(session);
    },
    async close() {
      await Promise.all([...sessions.keys()].map((sessionId) => this.end(sessionId)));
    },
  };
}

/** Tells when an event stream breaks off that has given its reader no place to go on from. */
function watchStream(response: Response, onLost: () => void): Response {
  const { body, headers, status, statusText } = response;
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return response;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let isResumable = false;
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) return controller.close();
        isResumable ||= /^id:/m.test(decoder.decode(value, { stream: true }));
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        if (!isResumable) onLost();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(watched, { headers, status, statusText });
}

function unavailable(name: string, error: unknown): McpError {
  if (error instanceof McpError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new McpError(ErrorCode.ConnectionClosed, `The MCP server ${name} cannot be reached: ${reason}`);
}
