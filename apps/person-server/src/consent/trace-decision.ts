import { attribute, linkSpan, spanEvent, traceParent, withSpan, withTraceParent } from '@aauth-stack/telemetry';
import type { PendingRequest } from '../pending/pending-requests.ts';

/**
 * Shows the person's decision in the trace of the request that waited for it, linked both ways with the trace of the page where it
 * was made.
 */
export function traceDecision(request: PendingRequest): void {
  const page = traceParent();
  linkSpan(request.traceParent);
  const facts = {
    [attribute.result]: request.status,
    [attribute.reason]: request.reason,
    [attribute.tokenType]: request.type,
    [attribute.resource]: request.resource,
    [attribute.agent]: request.agentId,
    [attribute.scope]: request.grantedScope ?? [],
  };
  void withTraceParent(request.traceParent ?? undefined, () =>
    withSpan(spanEvent.decision, facts, () => linkSpan(page)),
  );
}
