import type { Clock, Sleep } from '../clock.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import type { VerifiedPersonToken } from '../tokens/types.ts';
import type { VerificationOptions } from '../tokens/verification.ts';
import type { AgentEvent } from './agent-events.ts';
import type { AgentFetchOptions } from './agent-fetch-options.ts';
import type { Flights } from './flights.ts';
import type { Grant, HeldTokens } from './held-tokens.ts';
import type { SigningExchange } from './signing-fetch.ts';

/** What the calls of one agent share: its options with their defaults, the tokens it holds, the requests it has under way. */
export interface Agent
  extends Pick<AgentFetchOptions, 'credentials' | 'personServer' | 'maxWait' | 'platform' | 'device'>,
    Required<Pick<AgentFetchOptions, 'requestTimeout'>> {
  readonly now: Clock;
  readonly sleep: Sleep;
  /** Signs and sends; knows the clocks of servers and which `created` it has used. */
  readonly exchange: SigningExchange;
  /** The same towards a person server: its own, or one that only an upstream token names. */
  readonly exchangeWith: (personServer: ServerIdentifier) => SigningExchange;
  /** How tokens are verified. */
  readonly verification: VerificationOptions;
  readonly held: HeldTokens;
  readonly personTokens: Flights<SharedEvent, VerifiedPersonToken>;
  readonly grants: Flights<SharedEvent, Grant>;
}

type OfEach<Event> = Event extends unknown ? Omit<Event, 'resource' | 'method' | 'url'> : never;

/** An event without the call that it belongs to. */
export type SharedEvent = OfEach<AgentEvent>;
