import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';

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

/** Runs `work` in the trace, and with the baggage, that the headers of a message name (W3C Trace Context, W3C Baggage). */
export function withTraceHeaders<T>(headers: Readonly<Record<string, string>>, work: () => T): T {
  return context.with(propagation.extract(context.active(), headers), work);
}

/** Links the current span to the one that `traceParent` named, which may be of another trace. */
export function linkSpan(traceParent: string | null | undefined): void {
  if (!traceParent) return;
  const linked = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent: traceParent }));
  if (linked) trace.getActiveSpan()?.addLink({ context: linked });
}
