import type { Attributes } from '@opentelemetry/api';
import { attribute, spanEvent } from './attributes.ts';
import { currentSpan } from './spans.ts';
import { withoutTokens } from './without-tokens.ts';

/**
 * What an agent's fetch reports at each step. The events of `packages/aauth` have this shape; others may too.
 * Claims are payloads: no signature, and no complete token, is among them.
 */
export interface AgentEventFacts {
  readonly type: string;
  /** Identifier of the resource that is called. */
  readonly resource: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  readonly requirement?: string;
  /** Payload of the resource token in a challenge. */
  readonly resourceToken?: object;
  readonly personServer?: string;
  readonly scope?: readonly string[];
  readonly chained?: boolean;
  /** Payload of a token that was received. */
  readonly claims?: object;
  /** What a deferred answer is awaited for. */
  readonly awaiting?: string;
  readonly pending?: { readonly status: string; readonly requirement?: { readonly requirement: string } };
  readonly because?: string;
  /** Code of a refusal. */
  readonly code?: string;
}

const personToken = 'aa-person+jwt';
const resourceToken = 'aa-resource+jwt';
const authToken = 'aa-auth+jwt';

/** The span event for each type of agent event. What is not listed leaves none: what a request presents is on its own span. */
const records: Readonly<Record<string, (facts: AgentEventFacts) => [name: string, attributes: AttributeValues]>> = {
  challenged: ({ requirement, resourceToken: claims, status }) => [
    spanEvent.challenge,
    {
      [attribute.requirement]: requirement,
      'http.response.status_code': status,
      [attribute.tokenType]: claims && resourceToken,
      [attribute.tokenClaims]: json(claims),
    },
  ],
  'person-token-requested': (facts) => exchange('requested', personToken, facts),
  'person-token-received': (facts) => exchange('received', personToken, facts),
  'exchange-requested': (facts) => exchange('requested', authToken, facts),
  'exchange-received': (facts) => exchange('received', authToken, facts),
  deferred: ({ awaiting, pending }) => [
    awaiting === 'response' ? spanEvent.challenge : spanEvent.exchange,
    {
      [attribute.result]: 'deferred',
      [attribute.tokenType]:
        awaiting === 'person-token' ? personToken : awaiting === 'auth-token' ? authToken : undefined,
      // Its URL and code are for the person alone.
      [attribute.requirement]: pending?.requirement?.requirement,
    },
  ],
  retried: ({ because }) => [spanEvent.retry, { [attribute.remedy]: because }],
  refused: ({ status, requirement, code }) => [
    spanEvent.refusal,
    { 'http.response.status_code': status, [attribute.requirement]: requirement, [attribute.error]: code },
  ],
};

type AttributeValues = Readonly<Record<string, string | number | boolean | string[] | undefined>>;

/**
 * Notes on the current span what an agent's fetch has just done: `aauth.challenge` with the claims of the resource token,
 * `aauth.exchange` for each token that is asked for and received, `aauth.retry`, `aauth.refusal`.
 */
export function recordAgentEvent(facts: AgentEventFacts): void {
  const record = Object.hasOwn(records, facts.type) ? records[facts.type] : undefined;
  if (!record) return;
  const [name, values] = record(facts);
  const attributes: Attributes = { [attribute.resource]: facts.resource };
  for (const [key, value] of Object.entries(values)) if (value !== undefined) attributes[key] = value;
  currentSpan()?.addEvent(name, attributes);
}

function exchange(result: string, tokenType: string, facts: AgentEventFacts): [string, AttributeValues] {
  const { personServer, scope, chained, claims } = facts;
  return [
    spanEvent.exchange,
    {
      [attribute.result]: result,
      [attribute.tokenType]: tokenType,
      [attribute.personIssuer]: personServer,
      [attribute.scope]: scope && [...scope],
      [attribute.chained]: chained,
      [attribute.tokenClaims]: json(claims),
    },
  ];
}

function json(claims: object | undefined): string | undefined {
  return claims && withoutTokens(JSON.stringify(claims));
}
