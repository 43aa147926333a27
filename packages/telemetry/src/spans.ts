import { type Attributes, context, propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { attribute } from './attributes.ts';
import { withoutTokens } from './without-tokens.ts';

const tracer = trace.getTracer('@aauth-stack/telemetry');

/**
 * Runs `work` in a span that ends when it settles. A thrown error is recorded on the span, with status ERROR and
 * `error.type` (the error's code, else its name), and thrown on.
 */
export function withSpan<T>(name: string, attributes: Attributes, work: (span: Span) => T | Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span that is current, if any. */
export function currentSpan(): Span | undefined {
  return trace.getActiveSpan();
}

/**
 * Tells the server span of the current request which route matched, for instance `/pending/:id`: its name becomes
 * `METHOD route` and it gets `http.route`.
 */
export function setHttpRoute(route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
}

/**
 * Runs `work` with `request_id` as baggage, so that it is on every span the work causes, here and in the services it
 * calls, and on the current span.
 */
export function withRequestId<T>(requestId: string, work: () => T): T {
  currentSpan()?.setAttribute(attribute.requestId, requestId);
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  const extended = baggage.setEntry(attribute.requestId, { value: requestId });
  return context.with(propagation.setBaggage(active, extended), work);
}

function recordError(span: Span, error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const text = withoutTokens(message);
  span.recordException({ name, message: text, stack: stack && withoutTokens(stack) });
  span.setAttribute('error.type', errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: text });
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
