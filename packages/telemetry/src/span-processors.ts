import { type Attributes, type Context, propagation } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { attribute, withoutTokens } from './attributes.ts';

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
 * cut. Must come before the exporting processor.
 */
export function tokenGuardProcessor(): SpanProcessor {
  return processor({
    onEnd(span) {
      cutTokens(span.attributes);
      for (const event of span.events) if (event.attributes) cutTokens(event.attributes);
    },
  });
}

function cutTokens(attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') attributes[name] = withoutTokens(value);
  }
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
