import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignatureError } from '@aauth-stack/aauth/errors';
import { toProblem } from '@aauth-stack/aauth/problem';
import { formatRequirement } from '@aauth-stack/aauth/requirement';
import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { currentSpan, verificationAttributes } from '@aauth-stack/telemetry';
import { isCardPath } from '../a2a/agent-card.ts';
import { a2aMethod, nameA2aCall } from '../a2a/call.ts';
import { type Allowed, checkRequest } from '../checks/check.ts';
import { type DecisionTools, logDecision } from '../checks/decision-log.ts';
import { statementsOn } from '../checks/statements.ts';
import type { Protection, Route } from '../configuration/routes.ts';
import { nameMcpCall } from '../mcp/call-name.ts';
import type { McpGateway, McpRelay } from '../mcp/mcp-gateway.ts';
import { principalFacts, ruleFacts } from '../policy/facts.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import type { RequestTarget } from '../routing/request-target.ts';
import { requestHeaders } from './forwarded-headers.ts';
import { headerRecord, messageOf, verifiedAuthority } from './message.ts';
import { inCall, type NamedCall } from './named-call.ts';
import { createRequestBody, hasBody, type RequestBody } from './request-body.ts';
import { relay, sendProblem, sendResponse } from './response.ts';
import type { Upstreams } from './upstream.ts';

/** Up to this size a body is read whole before anything is forwarded; a larger one is compared while it passes. */
const maxBufferedBytes = 1024 * 1024;

export interface ForwardingTools extends DecisionTools {
  readonly upstreams: Upstreams;
  readonly mcp: McpGateway;
  /** Proves to the services behind that `x-aauth-*` headers are this gateway's. */
  readonly proxySecret: string;
  /** Seconds until a backend's response headers, where the route sets nothing else. */
  readonly upstreamTimeout: number;
}

/** One request on its way through a route. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  readonly route: Route;
  /** What guards the route; undefined lets everybody through. */
  readonly guard: { readonly resource: ProtectedResource; readonly protection: Protection } | undefined;
  readonly cors: Readonly<Record<string, string>>;
  /** When the request came, by `performance.now()`. */
  readonly started: number;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Told what the request does, once its body has been read. */
  readonly onCall: (call: NamedCall) => void;
}

/** Verifies a request where its route says so, forwards it and passes the response on. */
export async function runExchange(exchange: Exchange, tools: ForwardingTools): Promise<void> {
  const { request, response, guard, cors } = exchange;
  const body = hasBody(request) ? createRequestBody(request) : undefined;
  try {
    const bytes = body && isReadWhole(exchange) ? await body.buffer(maxBufferedBytes) : undefined;
    const method = bytes && exchange.route.a2a ? a2aMethod(bytes) : undefined;
    const call = bytes && exchange.route.mcp ? nameMcpCall(bytes) : nameA2aCall(method);
    if (call) exchange.onCall(call);
    const goOn = (admission: Admission | undefined) =>
      inCall(call, () => forward(exchange, tools, { body, bytes, admission }));
    if (!guard) return await goOn(undefined);
    const check = await checkRequest(
      {
        ...guard,
        message: messageOf(request, exchange.target),
        // Few rules ask for them.
        get headers() {
          return headerRecord(request);
        },
        body: body && (bytes ?? 'deferred'),
        a2aMethod: method,
      },
      tools,
    );
    if (!check.allowed) return sendProblem(response, check.response, cors);
    await goOn({ ...check, resource: guard.resource });
  } finally {
    body?.discard();
  }
}

/** Whether there is something to find out from the body before the request goes on. */
function isReadWhole({ request, route, guard }: Exchange): boolean {
  const signatureInput = request.headersDistinct['signature-input']?.join();
  // What is going to be refused anyway is not worth any memory.
  if (guard && signatureInput === undefined) return false;
  const isCompared = guard !== undefined && signatureInput?.includes('content-digest') === true;
  return isCompared || route.mcp !== undefined || (route.a2a && /json/i.test(request.headers['content-type'] ?? ''));
}

interface Admitted {
  readonly body: RequestBody | undefined;
  /** The whole body, where it has been read. */
  readonly bytes: Uint8Array | undefined;
  readonly admission: Admission | undefined;
}

type Admission = Allowed & { readonly resource: ProtectedResource };

async function forward(exchange: Exchange, tools: ForwardingTools, admitted: Admitted): Promise<void> {
  const { response, route, cors } = exchange;
  const answer = route.mcp && (await tools.mcp.answer(route.mcp, mcpRequest(exchange, tools, admitted)));
  if (answer && 'response' in answer) return sendResponse(answer.response, response, cors);
  await forwardTo(exchange, tools, admitted, answer?.relay);
}

function mcpRequest(
  { request, target, route }: Exchange,
  tools: ForwardingTools,
  { body, bytes, admission }: Admitted,
) {
  const principal = admission?.principal;
  const { agent, agent_server, ps, sub, jkt } = principal ? principalFacts(principal) : {};
  const headers = headerRecord(request);
  return {
    method: request.method ?? '',
    headers: new Headers(headers),
    hasBody: body !== undefined,
    bytes,
    facts: ruleFacts(principal, { message: messageOf(request, target), headers }),
    owner: JSON.stringify(
      agent_server === undefined ? [ps, sub, sub === undefined ? jkt : null] : [agent_server, agent],
    ),
    statements: verifiedHeaders(admission, tools),
    timeoutMs: (route.timeout ?? tools.upstreamTimeout) * 1000,
  };
}

/** What a service is told about the sender; nothing on a route that verifies nobody. */
function verifiedHeaders(admission: Admission | undefined, { proxySecret }: ForwardingTools): Record<string, string> {
  return admission ? { ...statementsOn(admission), [proxySecretHeader]: proxySecret } : {};
}

async function forwardTo(
  exchange: Exchange,
  tools: ForwardingTools,
  admitted: Admitted,
  mcp: McpRelay | undefined,
): Promise<void> {
  const { request, response, target, route, cors, signal } = exchange;
  const { body, bytes, admission } = admitted;
  const authority = admission ? verifiedAuthority(target, admission.resource.config.authorities) : target.authority;
  const cardOrigin =
    route.a2a && request.method === 'GET' && isCardPath(target.path) ? `http://${authority}` : undefined;
  try {
    const upstream = await tools.upstreams.request({
      backend: mcp?.backend ?? route.backend,
      method: request.method ?? 'GET',
      target: `${mcp?.path ?? target.path}${target.query}`,
      headers: requestHeaders(request.rawHeaders, {
        host: route.authority ?? authority,
        authority,
        clientAddress: request.socket.remoteAddress,
        stripSignature: admission?.resource.config.stripSignatureHeaders ?? false,
        replaceTrace: currentSpan() !== undefined,
        // What is rewritten has to be readable.
        replaceEncoding: cardOrigin !== undefined || mcp?.filter !== undefined,
        contentLength: bytes?.length,
        verified: verifiedHeaders(admission, tools),
      }),
      body: bytes ?? body?.stream(admission?.contentDigest) ?? null,
      timeout: route.timeout ?? tools.upstreamTimeout,
      signal,
    });
    await relay(upstream, response, { cors, cardOrigin, filter: mcp?.filter });
  } catch (error) {
    if (!(error instanceof SignatureError) || !admission) throw error;
    recordLateRefusal(exchange, admission, error, tools);
    const { requirement } = admission.resource;
    const header = requirement && { 'aauth-requirement': formatRequirement({ requirement }) };
    sendProblem(response, toProblem(error, header), cors);
  }
}

/** The check has allowed the request before its body was known; this takes it back. */
function recordLateRefusal(
  { target, request, started }: Exchange,
  { principal, resource }: Admission,
  error: SignatureError,
  tools: DecisionTools,
): void {
  currentSpan()?.setAttributes(verificationAttributes({ result: 'error', error: error.code, resource: resource.name }));
  logDecision(tools, {
    resourceId: resource.id,
    facts: principalFacts(principal),
    result: 'error',
    reason: error.code,
    detail: error.message,
    method: request.method ?? '',
    path: target.path,
    latency: performance.now() - started,
  });
}
