import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { attribute, currentSpan, spanEvent, withoutTokens } from '@aauth-stack/telemetry';

/** Who asks, for the span. */
export interface TracedAsker {
  readonly agent: { readonly id: string };
  /** The token on whose behalf it asks. */
  readonly upstream: unknown;
}

/** A token of which header and claims are noted on the span. */
export interface TracedToken {
  readonly type: string;
  readonly compact: string;
}

/** What a token is for. */
export interface TracedAccess {
  readonly resource: string;
  readonly scope: readonly string[];
}

/** Notes on the current span what an agent hands in for a token, and what it gets: header and payload, never tokens. */
export function traceExchange(
  asker: TracedAsker,
  result: 'requested' | 'issued',
  { resource, scope, ...token }: TracedToken & TracedAccess,
): void {
  currentSpan()?.addEvent(spanEvent.exchange, {
    [attribute.result]: result,
    [attribute.resource]: resource,
    [attribute.agent]: asker.agent.id,
    [attribute.scope]: [...scope],
    [attribute.chained]: asker.upstream !== undefined,
    ...tokenAttributes(token),
  });
}

/** Notes on the current span a token that came along in the body, by the name of its parameter. */
export function traceBodyToken(parameter: string, token: TracedToken): void {
  currentSpan()?.addEvent(spanEvent.token, { [attribute.tokenParameter]: parameter, ...tokenAttributes(token) });
}

function tokenAttributes({ type, compact }: TracedToken): Record<string, string> {
  const decoded = decodeTokenForDisplay(compact);
  return {
    [attribute.tokenType]: type,
    ...(decoded && {
      [attribute.tokenHeader]: JSON.stringify(decoded.header),
      [attribute.tokenClaims]: withoutTokens(JSON.stringify(decoded.claims)),
    }),
  };
}
