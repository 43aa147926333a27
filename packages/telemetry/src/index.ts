export { type AgentEventFacts, recordAgentEvent } from './agent-events.ts';
export {
  attribute,
  forwardedAttributes,
  spanEvent,
  type VerificationFacts,
  verificationAttributes,
} from './attributes.ts';
export { presentedAttributes } from './presented-token.ts';
export { shutdownTelemetry } from './shutdown.ts';
export { currentSpan, setHttpRoute, withRequestId, withSpan } from './spans.ts';
export { linkSpan, traceParent, withTraceHeaders, withTraceParent } from './trace-context.ts';
export { withoutTokens } from './without-tokens.ts';
