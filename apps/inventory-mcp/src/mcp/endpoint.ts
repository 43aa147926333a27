import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { isStorable, type Waiter } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CancelledNotificationSchema,
  ErrorCode,
  isInitializeRequest,
  isJSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { ownerOf } from '../caller.ts';
import type { Database } from '../db/database.ts';
import { createEventStore, isKnown, parseEventId, standaloneStream } from '../sessions/event-log.ts';
import { followStream } from '../sessions/follow-stream.ts';
import type { RunningRequests } from '../sessions/running-requests.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { createServer } from './server.ts';

export interface EndpointOptions {
  database: Database;
  sessions: SessionStore;
  running: RunningRequests;
  /** On `streamChannel`. */
  waiter: Waiter;
  stopping: AbortSignal;
  now: () => Date;
  log: Logger;
}

const sessionHeader = 'mcp-session-id';
/** What the request was canceled with, in place of a result that nobody waits for. */
const canceled = -32_800;

/** Answers what comes in at the MCP endpoint: the Streamable HTTP transport, with its state in the database. */
export function createEndpoint(options: EndpointOptions) {
  const { database, sessions, running, waiter, stopping, now, log } = options;

  return async function answer(request: Request, caller: ForwardedPrincipal): Promise<Response> {
    const { method } = request;
    const body = method === 'POST' ? await readJson(request) : undefined;
    if (method === 'POST' && body === undefined) return refuse(400, ErrorCode.ParseError, 'The body is not JSON.');
    if (!isStorable(body)) {
      return refuse(400, ErrorCode.InvalidRequest, 'A text of the message has a character that is none.');
    }
    const messages = [body ?? []].flat();
    if (messages.some(isInitializeRequest)) return open(request, body, caller);
    const sessionId = request.headers.get(sessionHeader);
    if (!sessionId)
      return refuse(400, ErrorCode.InvalidRequest, 'Mcp-Session-Id is missing: initialize a session first.');
    if (!(await sessions.touch(sessionId, ownerOf(caller)))) {
      return refuse(404, -32_001, 'There is no such session of this caller; initialize a new one.');
    }
    if (method === 'POST') return post(request, body, messages, sessionId, caller);
    if (method === 'GET') return listen(request, sessionId);
    await sessions.end(sessionId);
    return new Response(null, { status: 204 });
  };

  async function open(request: Request, body: unknown, caller: ForwardedPrincipal): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport();
    await createServer({ database, caller, sessionId: undefined, now, log }).connect(transport);
    const response = await transport.handleRequest(request, { parsedBody: body });
    if (!response.ok) return response;
    const sessionId = await sessions.create(ownerOf(caller));
    return new Response(response.body, {
      headers: { ...Object.fromEntries(response.headers), [sessionHeader]: sessionId },
    });
  }

  async function post(
    request: Request,
    body: unknown,
    messages: readonly unknown[],
    sessionId: string,
    caller: ForwardedPrincipal,
  ): Promise<Response> {
    for (const message of messages) {
      const cancellation = CancelledNotificationSchema.safeParse(message).data?.params;
      if (cancellation?.requestId === undefined) continue;
      await running.cancel(sessionId, cancellation.requestId, cancellation.reason);
    }
    const ids = messages.flatMap((message) => (isJSONRPCRequest(message) ? [message.id] : []));
    let failure: unknown;
    const transport = new WebStandardStreamableHTTPServerTransport({
      eventStore: createEventStore(database, {
        sessionId,
        expected: ids.length,
        onResponse: (id) => ids.includes(asId(id)) && running.remove(sessionId, asId(id)),
        onFailure: (error) => {
          failure ??= error;
        },
        now,
      }),
    });
    const server = createServer({ database, caller, sessionId, now, log });
    server.server.onerror = (error) => log.debug({ err: error }, 'MCP');
    await server.connect(transport);
    for (const id of ids) running.add(sessionId, id, (reason) => cancel(transport, id, reason));
    const response = await transport.handleRequest(request, { parsedBody: body });
    if (response.ok) return response;
    for (const id of ids) running.remove(sessionId, id);
    if (failure !== undefined) throw failure;
    return response;
  }

  function cancel(transport: WebStandardStreamableHTTPServerTransport, id: RequestId, reason?: string): void {
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });
    const error = { code: canceled, message: reason ?? 'canceled' };
    transport
      .send({ jsonrpc: '2.0', id, error })
      .catch((err) => log.debug({ err }, 'nobody waits for a canceled call'));
  }

  async function listen(request: Request, sessionId: string): Promise<Response> {
    if (!request.headers.get('accept')?.includes('text/event-stream')) {
      return refuse(406, ErrorCode.InvalidRequest, 'An event stream is text/event-stream; Accept says otherwise.');
    }
    const lastEventId = request.headers.get('last-event-id');
    const position =
      lastEventId === null ? { streamId: standaloneStream, after: await newest() } : parseEventId(lastEventId);
    const start = position && { sessionId, ...position };
    const isHere = start && (start.streamId === standaloneStream || (await isKnown(database.db, start)));
    if (!isHere)
      return refuse(400, ErrorCode.InvalidRequest, 'Last-Event-ID is no event of this session that is still kept.');
    return followStream(start, { db: database.db, waiter, stopping });
  }

  /** The last event there is; who listens from now on hears what comes after it. */
  async function newest(): Promise<number> {
    const [row] = await database.sql<{ last: string | null }[]>`select max(id)::text as last from stream_events`;
    return Number(row?.last ?? 0);
  }
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

function asId(id: unknown): RequestId {
  return typeof id === 'number' ? id : String(id);
}

function refuse(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
