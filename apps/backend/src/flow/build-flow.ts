import { tokenTypes } from '@aauth-stack/aauth/tokens';
import { textOf } from './attributes.ts';
import { describeExchange, iso, pendingUrlOf } from './exchange.ts';
import type { Exchange, Flow, FlowKind, Party } from './flow.ts';
import { endOf, type Pair, pairSpans, startOf } from './pairs.ts';
import { answeringHosts, hostOf, inLanes, outsider } from './parties.ts';
import type { Span } from './span.ts';
import { createSpanTree, type SpanTree } from './span-tree.ts';

/** What is known of a run beside its spans. */
export interface RunFacts {
  readonly requestId: string;
  readonly prompt: string | null;
  readonly status: string;
  readonly error: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly jaegerUrl: string | null;
}

export interface FlowOptions {
  readonly run: RunFacts;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How long it may take, in milliseconds, until the other end of a request tells of it. */
const patienceMs = 1_500;

/** Turns the spans of a run into the exchanges that they tell of. */
export async function buildFlow(spans: readonly Span[], { run, now }: FlowOptions): Promise<Flow> {
  const tree = createSpanTree(spans);
  const all = pairSpans(spans);
  const hosts = answeringHosts(all);
  // Who answers a request is known at once or in a moment; an arrow that changes its end would be worse than one that comes late.
  const pairs = all.filter((pair) => receiverOf(pair, hosts) !== undefined || isSettled(pair, now));
  const decisions = decisionsByPage(spans);
  const pendingUrls = new Set(pairs.map(pendingUrlOf).filter((url) => url !== undefined));
  const known = new Map(pairs.map((pair) => [pair.id, pair]));
  const exchanges = await Promise.all(
    pairs.map((pair) =>
      describeExchange(pair, {
        tree,
        from: senderOf(pair, tree),
        to: receiverOf(pair, hosts) ?? hostOf(textOf(pair.client?.attributes, 'url.full')) ?? 'unknown',
        parent: parentOf(pair, tree, known),
        decision: pair.server && decisions.get(pair.server.spanId),
        pendingUrls,
      }),
    ),
  );
  return {
    version: 1,
    request_id: run.requestId,
    prompt: run.prompt,
    status: run.status,
    error: run.error,
    started_at: iso(run.startedAt),
    ended_at: run.endedAt === null ? null : iso(run.endedAt),
    kind: kindOf(exchanges),
    jaeger_url: run.jaegerUrl,
    parties: partiesOf(exchanges),
    keys: keysOf(exchanges),
    failed_at: run.status === 'failed' ? failedAt(exchanges) : null,
    exchanges,
  };
}

function receiverOf({ client, server }: Pair, hosts: ReadonlyMap<string, string>): string | undefined {
  return server?.service ?? hosts.get(hostOf(textOf(client?.attributes, 'url.full')) ?? '');
}

function isSettled(pair: Pair, now: number): boolean {
  return endOf(pair) !== null || now - startOf(pair) > patienceMs;
}

function senderOf(pair: Pair, tree: SpanTree): string {
  const parent = tree.find(pair.server?.parentSpanId ?? null);
  return pair.client?.service ?? parent?.service ?? outsider(pair);
}

// The nearest exchange above: at a server's span, or at the client's span of a request that nobody tells of.
function parentOf(pair: Pair, tree: SpanTree, known: ReadonlyMap<string, Pair>): Pair | undefined {
  let span = tree.find(pair.client?.parentSpanId ?? null);
  while (span) {
    const above = known.get(span.kind === 'server' ? (span.parentSpanId ?? span.spanId) : span.spanId);
    if (above) return above;
    span = tree.find(span.parentSpanId);
  }
  return undefined;
}

/** The person's decisions, by the span of the page that they were made on. */
function decisionsByPage(spans: readonly Span[]): Map<string, Span> {
  const decisions = spans.filter(({ name, kind }) => name === 'aauth.decision' && kind === 'internal');
  return new Map(decisions.flatMap((span) => span.links.map(({ spanId }) => [spanId, span] as const)));
}

function kindOf(exchanges: readonly Exchange[]): FlowKind {
  const isAsked = ({ requirement, status }: Exchange) => status === 202 && requirement?.name === 'interaction';
  if (exchanges.some(isAsked)) return 'user-consent';
  const tokens = exchanges.flatMap((exchange) => exchange.tokens).map(({ type }) => type);
  if (tokens.includes(tokenTypes.auth) || tokens.includes(tokenTypes.person)) return 'three-party';
  return tokens.includes(tokenTypes.agent) ? 'identity' : 'none';
}

function partiesOf(exchanges: readonly Exchange[]): Party[] {
  const ids = inLanes(exchanges.flatMap(({ from, to }) => [from, to]));
  const identifiers = identifiersOf(exchanges);
  return ids.map((id) => ({ id, identifiers: [...(identifiers.get(id) ?? [])].toSorted() }));
}

/** By what origin each is reached; one behind the proxy by the origin that the proxy forwards to it. */
function identifiersOf(exchanges: readonly Exchange[]): Map<string, Set<string>> {
  const forwarded = new Map(exchanges.filter((exchange) => exchange.forwarded).map(({ parent, to }) => [parent, to]));
  const behind = new Map(
    exchanges.flatMap(({ id, url }) => {
      const to = forwarded.get(id);
      return to === undefined ? [] : [[new URL(url).origin, to] as const];
    }),
  );
  const identifiers = new Map<string, Set<string>>();
  for (const { from, to, url, forwarded: isForwarded } of exchanges) {
    const { origin } = new URL(url);
    // Addresses that only a proxy uses, and that a server calls itself by, are nobody's identifier.
    if (isForwarded || from === to) continue;
    const whose = behind.get(origin) ?? to;
    identifiers.set(whose, (identifiers.get(whose) ?? new Set()).add(origin));
  }
  return identifiers;
}

function keysOf(exchanges: readonly Exchange[]): Record<string, string> {
  const signed = exchanges.filter(({ signature }) => signature?.jkt);
  return Object.fromEntries(signed.map(({ signature, from }) => [signature?.jkt ?? '', from]));
}

// What fails further down fails what called it, and begins later.
function failedAt(exchanges: readonly Exchange[]): string | null {
  const refused = exchanges.filter(({ meaning }) => meaning === 'refusal');
  // That the person said no is why; what the agent met is the answer that came of it.
  return (refused.findLast(({ from }) => from !== 'person') ?? refused.at(-1))?.id ?? null;
}
