import { type Attributes, type Context, propagation, SpanKind } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type BatchSpanProcessorOptions,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { attribute } from './attributes.ts';
import { withoutTokens } from './without-tokens.ts';

/** Copies the baggage entry `request_id` onto every span, so that a run can be found by it in any service. */
export function requestIdProcessor(): SpanProcessor {
  return processor({
    onStart(span, parentContext) {
      const entry = propagation.getBaggage(parentContext)?.getEntry(attribute.requestId);
      if (entry) span.setAttribute(attribute.requestId, entry.value);
    },
  });
}

/**
 * The last guard before spans leave the process: whatever put a complete token into an attribute, its signature part is
 * cut. Must come before the exporting processors.
 */
export function tokenGuardProcessor(): SpanProcessor {
  return processor({
    onStart: (span) => cutTokens(span.attributes),
    onEnd(span) {
      cutTokens(span.attributes);
      for (const event of span.events) if (event.attributes) cutTokens(event.attributes);
    },
  });
}

/**
 * Exports every span when it ends, and HTTP exchanges also when they start, so that whoever watches sees what is waited for. A span
 * that has not ended is exported as it was at its start: with end time 0, and nothing that was put on it since.
 */
export function liveProcessor(options: BatchSpanProcessorOptions): SpanProcessor {
  const batch = new BatchSpanProcessor(options);
  return {
    onStart(span) {
      if (span.kind === SpanKind.CLIENT || span.kind === SpanKind.SERVER) batch.onEnd(asStarted(span));
    },
    onEnd: (span) => batch.onEnd(span),
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
}

// A copy: the span itself goes on changing, and what comes onto it has not passed the guard yet.
function asStarted(span: Span): ReadableSpan {
  const { name, kind, parentSpanContext, startTime, resource, instrumentationScope, links } = span;
  const context = span.spanContext();
  return {
    name,
    kind,
    spanContext: () => context,
    parentSpanContext,
    startTime,
    endTime: [0, 0],
    duration: [0, 0],
    ended: false,
    status: span.status,
    attributes: { ...span.attributes },
    links: [...links],
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function cutTokens(attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') attributes[name] = withoutTokens(value);
    else if (isTexts(value)) attributes[name] = value.map(withoutTokens);
  }
}

function isTexts(value: Attributes[string]): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function processor(hooks: {
  onStart?: (span: Span, parentContext: Context) => void;
  onEnd?: (span: ReadableSpan) => void;
}): SpanProcessor {
  return {
    onStart: (span, parentContext) => hooks.onStart?.(span, parentContext),
    onEnd: (span) => hooks.onEnd?.(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}
