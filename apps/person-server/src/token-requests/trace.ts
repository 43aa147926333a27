import { attribute, currentSpan, spanEvent, withoutTokens } from '@aauth-stack/telemetry';
import type { AppContext } from '../environment.ts';

/** A token whose claims are noted on the span. */
export interface TracedToken {
  readonly type: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly claims: object;
}

/** Notes on the current span what an agent hands in for a token, and what it gets: payloads, never tokens. */
export function traceExchange(c: AppContext, result: 'requested' | 'issued', token: TracedToken): void {
  currentSpan()?.addEvent(spanEvent.exchange, {
    [attribute.result]: result,
    [attribute.tokenType]: token.type,
    [attribute.resource]: token.resource,
    [attribute.agent]: c.get('agentToken').agent,
    [attribute.scope]: [...token.scope],
    [attribute.chained]: c.get('upstream') !== undefined,
    [attribute.tokenClaims]: withoutTokens(JSON.stringify(token.claims)),
  });
}
