import { attribute, currentSpan, spanEvent, withoutTokens } from '@aauth-stack/telemetry';

/** Who asks, for the span. */
export interface TracedAsker {
  readonly agent: { readonly id: string };
  /** The token on whose behalf it asks. */
  readonly upstream: unknown;
}

/** A token whose claims are noted on the span. */
export interface TracedToken {
  readonly type: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly claims: object;
}

/** Notes on the current span what an agent hands in for a token, and what it gets: payloads, never tokens. */
export function traceExchange(asker: TracedAsker, result: 'requested' | 'issued', token: TracedToken): void {
  currentSpan()?.addEvent(spanEvent.exchange, {
    [attribute.result]: result,
    [attribute.tokenType]: token.type,
    [attribute.resource]: token.resource,
    [attribute.agent]: asker.agent.id,
    [attribute.scope]: [...token.scope],
    [attribute.chained]: asker.upstream !== undefined,
    [attribute.tokenClaims]: withoutTokens(JSON.stringify(token.claims)),
  });
}
