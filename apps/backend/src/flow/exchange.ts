import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { attribute, spanEvent } from '@aauth-stack/telemetry';
import { listOf, numberOf, textOf } from './attributes.ts';
import type { Decision, Exchange, Problem, Requirement } from './flow.ts';
import { headerOf, requestHeaders, responseHeaders } from './headers.ts';
import { meaningOf } from './meaning.ts';
import { endOf, type Pair, startOf } from './pairs.ts';
import { signatureOf, verificationIn } from './signature.ts';
import type { Attributes, Span } from './span.ts';
import type { SpanTree } from './span-tree.ts';
import { bodyTokens, presentedToken, requiredToken, withKey } from './tokens.ts';

/** What an exchange is seen from: its own spans, and those of the others. */
export interface Surroundings {
  readonly tree: SpanTree;
  readonly from: string;
  readonly to: string;
  /** The exchange in the course of which this one was made. */
  readonly parent: Pair | undefined;
  /** The person's decision that this exchange carried. */
  readonly decision: Span | undefined;
  /** URLs at which the answer to an earlier request is to be asked for. */
  readonly pendingUrls: ReadonlySet<string>;
}

/** All that the spans tell of one exchange. */
export async function describeExchange(pair: Pair, surroundings: Surroundings): Promise<Exchange> {
  const { client, server } = pair;
  const { tree, from, to, parent, pendingUrls } = surroundings;
  const request_headers = requestHeaders(pair);
  const response_headers = responseHeaders(pair);
  const ended = endOf(pair);
  const serverSpans = server ? tree.within(server) : [];
  const verification = verificationIn(serverSpans);
  const requirementHeader = withoutMarks(headerOf(response_headers, 'aauth-requirement'));
  const url = urlOf(pair);
  const status = ended === null ? null : (statusOf(client) ?? statusOf(server));
  const tokens = await Promise.all(
    [
      ...presentedToken(headerOf(request_headers, 'signature-key')),
      ...requiredToken(requirementHeader),
      ...bodyTokens(serverSpans),
    ].map(withKey),
  );
  const facts = {
    id: pair.id,
    parent: parent?.id ?? null,
    from,
    to,
    method: methodOf(client) ?? methodOf(server) ?? 'GET',
    url,
    // The proxy reads what it forwards; whoever it forwards to need not.
    call: callOf(server) ?? (isForwarded(pair, parent) ? callOf(parent?.server) : null),
    status,
    started_at: iso(startOf(pair)),
    ended_at: ended === null ? null : iso(ended),
    discovery: from === to || new URL(url).pathname.startsWith('/.well-known/'),
    polling: isPolling(url, status, pendingUrls) || isWatching(from, pair),
    forwarded: isForwarded(pair, parent),
    request_headers,
    response_headers,
    signature: signatureOf(request_headers, verification),
    requirement: requirementOf(requirementHeader),
    decision: decisionOf(serverSpans, surroundings.decision, verification),
    tokens,
    problem: problemOf([...serverSpans, ...(client ? [client] : [])], status),
  };
  return { ...facts, meaning: meaningOf(facts, surroundings.decision !== undefined) };
}

/** Where a 202 says that the answer will be. */
export function pendingUrlOf(pair: Pair): string | undefined {
  const location = headerOf(responseHeaders(pair), 'location');
  const url = urlOf(pair);
  const isPending = (statusOf(pair.client) ?? statusOf(pair.server)) === 202;
  return isPending && location !== null && URL.canParse(location, url) ? new URL(location, url).href : undefined;
}

function urlOf({ client, server }: Pair): string {
  const sent = textOf(client?.attributes, 'url.full');
  if (sent !== null && URL.canParse(sent)) return sent;
  const attributes = server?.attributes;
  const host = textOf(attributes, 'server.address') ?? 'unknown';
  const port = numberOf(attributes, 'server.port');
  const query = textOf(attributes, 'url.query');
  const authority = port === null || port === 80 ? host : `${host}:${port}`;
  const path = textOf(attributes, 'url.path') ?? '/';
  const search = query === null ? '' : `?${query.replace(/^\?/, '')}`;
  const received = `${textOf(attributes, 'url.scheme') ?? 'http'}://${authority}${path}${search}`;
  return URL.canParse(received) ? received : 'http://unknown/';
}

function callOf(span: Span | undefined): string | null {
  const method = textOf(span?.attributes, 'mcp.method.name') ?? textOf(span?.attributes, 'a2a.method');
  return method && [method, textOf(span?.attributes, 'gen_ai.tool.name') ?? ''].join(' ').trim();
}

const methodOf = (span: Span | undefined) => textOf(span?.attributes, 'http.request.method');
const statusOf = (span: Span | undefined) => numberOf(span?.attributes, 'http.response.status_code');

/** Whether a request is the one above it, passed on by who received that. */
function isForwarded(pair: Pair, parent: Pair | undefined): boolean {
  const headers = requestHeaders(pair);
  if (headerOf(headers, 'x-aauth-level') !== null) return true;
  if (pair.client === undefined || parent?.server?.service !== pair.client.service) return false;
  const sent = new URL(urlOf(pair));
  const received = new URL(urlOf(parent));
  return (
    methodOf(pair.client) === methodOf(parent.server) &&
    sent.pathname === received.pathname &&
    sent.search === received.search &&
    headerOf(headers, 'signature-key') === headerOf(requestHeaders(parent), 'signature-key')
  );
}

function isPolling(url: string, status: number | null, pendingUrls: ReadonlySet<string>): boolean {
  // The poll that brings the answer is more than one more poll.
  return pendingUrls.has(url) && (status === 202 || status === 429 || status === 503);
}

/** Whoever has started a run looks at how it goes: no agent does so. */
function isWatching(from: string, { client, server }: Pair): boolean {
  return client === undefined && from !== 'person' && methodOf(server) === 'GET';
}

function requirementOf(header: string | null): Requirement | null {
  const parsed = parseRequirement(header);
  if (!parsed) return null;
  const { 'resource-token': _token, code: _code, ...parameters } = parsed.parameters;
  return { name: parsed.requirement, parameters };
}

// The mark that stands for the signature part of a token is no character of a structured field.
function withoutMarks(header: string | null): string | null {
  return header?.replaceAll('…', '') ?? null;
}

function decisionOf(
  serverSpans: readonly Span[],
  person: Span | undefined,
  verification: Span | undefined,
): Decision | null {
  if (person) return decisionFrom(person.attributes);
  const events = serverSpans.flatMap((span) => span.events).filter(({ name }) => name === spanEvent.decision);
  const decided = events.find(({ attributes }) => textOf(attributes, attribute.reason) !== null);
  if (decided) return decisionFrom(decided.attributes);
  return verification ? decisionFrom(verification.attributes) : null;
}

function decisionFrom(attributes: Attributes): Decision | null {
  const result = textOf(attributes, attribute.result);
  if (result === null) return null;
  return {
    result,
    reason: textOf(attributes, attribute.reason),
    scope: listOf(attributes, attribute.scope),
    level: textOf(attributes, attribute.level),
    resource: textOf(attributes, attribute.resource),
  };
}

function problemOf(spans: readonly Span[], status: number | null): Problem | null {
  const told = spans.find(({ attributes }) => textOf(attributes, attribute.error) !== null);
  if (told) {
    return {
      code: textOf(told.attributes, attribute.error),
      detail: textOf(told.attributes, attribute.errorDetail),
    };
  }
  const failed = spans.find(({ failure }) => failure !== null && failure !== '');
  if (failed && status === null) {
    return { code: textOf(failed.attributes, 'error.type'), detail: failed.failure };
  }
  return null;
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export type ExchangeFacts = Omit<Exchange, 'meaning'>;
