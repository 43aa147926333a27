import type { Span } from './span.ts';

/** Spans by who caused whom. */
export interface SpanTree {
  find(spanId: string | null): Span | undefined;
  /** What a span caused inside its own process, itself included: down to the requests that it sent or received. */
  within(span: Span): Span[];
}

export function createSpanTree(spans: readonly Span[]): SpanTree {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const children = Map.groupBy(spans, ({ parentSpanId }) => parentSpanId);

  function within(span: Span): Span[] {
    const internal = (children.get(span.spanId) ?? []).filter(
      ({ kind, service }) => kind === 'internal' && service === span.service,
    );
    return [span, ...internal.flatMap(within)];
  }

  return { find: (spanId) => (spanId === null ? undefined : byId.get(spanId)), within };
}
