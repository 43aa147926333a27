import type { ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { inject } from 'vitest';

/** The spans of the trace that a run belongs to, as far as they have arrived. */
export async function traceOf(requestId: string): Promise<ReceivedSpan[]> {
  const response = await fetch(inject('spansUrl'));
  const spans: ReceivedSpan[] = JSON.parse(await response.text());
  const traceId = spans.find(({ attributes }) => attributes.request_id === requestId)?.traceId;
  return spans.filter((span) => traceId !== undefined && span.traceId === traceId);
}

/** The service of a span's nearest ancestor in another process. */
export function callerOf(span: ReceivedSpan, spans: readonly ReceivedSpan[]): string | undefined {
  let parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  while (parent && parent.service === span.service) {
    const { parentSpanId } = parent;
    parent = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return parent?.service;
}

/** Whether some span of `to` was caused by `from`. */
export function hasEdge(spans: readonly ReceivedSpan[], from: string, to: string): boolean {
  return spans.some((span) => span.service === to && callerOf(span, spans) === from);
}
