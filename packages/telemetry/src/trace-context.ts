import { context, propagation } from '@opentelemetry/api';

/** The W3C `traceparent` of the current span, to keep with work that may go on in another process; undefined outside a trace. */
export function traceParent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Runs `work` as a part of the trace that `traceParent` named. */
export function withTraceParent<T>(parent: string | undefined, work: () => T): T {
  if (!parent) return work();
  return context.with(propagation.extract(context.active(), { traceparent: parent }), work);
}
