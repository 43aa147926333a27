import {
  A2A_PROTOCOL_VERSION,
  A2A_VERSION_HEADER,
  formatSSEErrorEvent,
  formatSSEEvent,
  SSE_HEADERS,
} from '@a2a-js/sdk';
import { isV1JsonRpcMethod } from '@a2a-js/sdk/compat/v0_3';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import {
  type A2ARequestHandler,
  JsonRpcTransportHandler,
  type ServerCallContext,
  validateVersion,
} from '@a2a-js/sdk/server';

const legacyVersion = '0.3';
const parseError = -32_700;
const invalidRequest = -32_600;

/** The protocol version that a request speaks. Without the header it is 0.3, as the specification says. */
export function requestedVersion(headers: Headers): string {
  const header = headers.get(A2A_VERSION_HEADER)?.trim();
  return header ? header.split('.').slice(0, 2).join('.') : legacyVersion;
}

/** Whether a version is the one that the compatibility layer answers. */
export function isLegacy(version: string): boolean {
  return version === legacyVersion;
}

/** Answers the JSON-RPC calls of both protocol versions. */
export function createJsonRpc(handler: A2ARequestHandler) {
  const current = new JsonRpcTransportHandler(handler);
  const legacy = new LegacyJsonRpcTransportHandler(handler);
  return async function answer(request: Request, contextFor: (version: string) => ServerCallContext) {
    const call = parseCall(await request.text());
    if ('error' in call) return Response.json({ jsonrpc: '2.0', id: null, error: call.error }, { status: 400 });
    const { body, method, id } = call;
    // A 1.0 method without the header can only be meant one way.
    const unversioned = !request.headers.has(A2A_VERSION_HEADER);
    const version = unversioned && isV1JsonRpcMethod(method) ? A2A_PROTOCOL_VERSION : requestedVersion(request.headers);
    const transport = isLegacy(version) ? legacy : current;
    const toError = isLegacy(version)
      ? LegacyJsonRpcTransportHandler.mapToLegacyJSONRPCError
      : JsonRpcTransportHandler.mapToJSONRPCError;
    const failure = (error: unknown) => ({ jsonrpc: '2.0', id, error: toError(error) });
    try {
      validateVersion(version, await handler.getAgentCard(), 'JSONRPC');
      const result = await transport.handle(body, contextFor(version));
      if (!(Symbol.asyncIterator in result)) return Response.json(result);
      return await streamResponse(result, failure);
    } catch (error) {
      return Response.json(failure(error));
    }
  };
}

type Call =
  | { body: Record<string, unknown>; method: unknown; id: string | number | null }
  | { error: { code: number; message: string } };

function parseCall(text: string): Call {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { error: { code: parseError, message: 'The request body is not JSON.' } };
  }
  if (!isObject(body)) {
    return {
      error: { code: invalidRequest, message: 'A JSON-RPC request is one JSON object; batches are not taken.' },
    };
  }
  if (!isText(body)) {
    return { error: { code: invalidRequest, message: 'A text of the request has a character that is none.' } };
  }
  const { id } = body;
  return { body, method: body.method, id: typeof id === 'string' || typeof id === 'number' ? id : null };
}

/** The first event decides between a plain error and a stream, so it is awaited. */
async function streamResponse(
  events: AsyncGenerator<unknown, void, undefined>,
  failure: (error: unknown) => object,
): Promise<Response> {
  const first = await events.next();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first.done) controller.close();
      else controller.enqueue(encoder.encode(formatSSEEvent(first.value)));
    },
    async pull(controller) {
      try {
        const next = await events.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(formatSSEEvent(next.value)));
      } catch (error) {
        controller.enqueue(encoder.encode(formatSSEErrorEvent(failure(error))));
        controller.close();
      }
    },
    // The task outlives its watcher, and its last state is stored only while its events are read.
    cancel: () => void drain(events),
  });
  return new Response(stream, { headers: SSE_HEADERS });
}

async function drain(events: AsyncGenerator<unknown, void, undefined>): Promise<void> {
  try {
    for await (const _ of events);
  } catch {
    // Whoever asked is gone; the task's own failure is in its state.
  }
}

/** Whether no text in it has NUL or half of a surrogate pair, which databases and other agents take for no text. */
function isText(body: object): boolean {
  const left: unknown[] = [body];
  // The list grows while it is walked: what callers nest deeply must not be walked by calls within calls.
  for (const value of left) {
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return false;
    if (typeof value === 'object' && value !== null) for (const entry of Object.entries(value)) left.push(...entry);
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
