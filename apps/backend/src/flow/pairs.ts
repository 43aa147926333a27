import type { Span } from './span.ts';

/** One HTTP exchange as the two ends saw it, or as the one that tells of it did. */
export interface Pair {
  /** The same before and after both ends have told of it. */
  readonly id: string;
  readonly client: Span | undefined;
  readonly server: Span | undefined;
}

/** Brings together the client's and the server's span of each exchange, in the order in which they began. */
export function pairSpans(spans: readonly Span[]): Pair[] {
  const clients = new Map(spans.filter(({ kind }) => kind === 'client').map((span) => [span.spanId, span]));
  const servers = spans.filter(({ kind }) => kind === 'server');
  const answered = new Set<string>();
  const pairs: Pair[] = servers.map((server) => {
    // The parent of a server's span is the span of its client, whether that has arrived or not.
    const id = server.parentSpanId ?? server.spanId;
    answered.add(id);
    return { id, client: clients.get(id), server };
  });
  for (const [id, client] of clients) if (!answered.has(id)) pairs.push({ id, client, server: undefined });
  return pairs.toSorted((a, b) => startOf(a) - startOf(b));
}

export function startOf({ client, server }: Pair): number {
  return client?.start ?? server?.start ?? 0;
}

/** Null while it goes on. The client knows best when it had everything. */
export function endOf({ client, server }: Pair): number | null {
  return client ? client.end : (server?.end ?? null);
}
