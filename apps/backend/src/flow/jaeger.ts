import { runOf } from './run-of.ts';
import type { Span } from './span.ts';

/** The page of Jaeger that shows the trace of a run; null without one. */
export function jaegerTrace(jaegerUi: string | undefined, requestId: string, spans: readonly Span[]): string | null {
  // A run is one trace; others are those of people who look at it.
  const traceId = spans.find((span) => span.kind !== 'server' && runOf(span) === requestId)?.traceId;
  return jaegerUi && traceId !== undefined ? new URL(`/trace/${traceId}`, jaegerUi).href : null;
}
