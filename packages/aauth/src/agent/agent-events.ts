import type { Pending } from '../deferred/poll.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import type { TokenType } from '../tokens/types.ts';
import type { ClarificationReply } from './clarification.ts';

interface EventBase {
  /** The resource that is called. */
  readonly resource: ServerIdentifier;
  readonly method: string;
  readonly url: string;
}

/** A token's payload as it stands: what people may look at. Holds no signature and no complete token. */
export type DisplayedClaims = Readonly<Record<string, unknown>>;

/** The resource's metadata is at hand and decides what the first request presents. */
export interface MetadataReadEvent extends EventBase {
  readonly type: 'metadata-read';
  /** As published, known or not; absent when the metadata has none. */
  readonly accessMode: string | undefined;
}

/** A request is about to go to the resource. */
export interface PresentedEvent extends EventBase {
  readonly type: 'presented';
  /** What the request carries. */
  readonly tokenType: TokenType;
  /** Counts the requests of one call to the resource, from 1. Signature repairs within one of them are steps, not attempts. */
  readonly attempt: number;
}

/** The resource requires something, as 401 or as 202. */
export interface ChallengedEvent extends EventBase {
  readonly type: 'challenged';
  readonly status: number;
  /** The requirement, known or not. */
  readonly requirement: string;
  /** With `auth-token`: the payload of the resource token, decoded and not yet verified. */
  readonly resourceToken: DisplayedClaims | undefined;
}

/** The Person Server is asked for a person token. */
export interface PersonTokenRequestedEvent extends EventBase {
  readonly type: 'person-token-requested';
  readonly personServer: ServerIdentifier;
  /** Whether it is for the person of an upstream token. */
  readonly chained: boolean;
}

/** The Person Server has issued a person token, and it has been verified. */
export interface PersonTokenReceivedEvent extends EventBase {
  readonly type: 'person-token-received';
  readonly personServer: ServerIdentifier;
  readonly claims: DisplayedClaims;
}

/** The Person Server is asked to exchange a verified resource token. */
export interface ExchangeRequestedEvent extends EventBase {
  readonly type: 'exchange-requested';
  readonly personServer: ServerIdentifier;
  /** What the resource asks for. */
  readonly scope: readonly string[];
  readonly chained: boolean;
}

/** The Person Server has issued an auth token, and it has been verified. */
export interface ExchangeReceivedEvent extends EventBase {
  readonly type: 'exchange-received';
  readonly personServer: ServerIdentifier;
  /** What was granted; the Person Server may have narrowed what was asked for. */
  readonly scope: readonly string[];
  readonly claims: DisplayedClaims;
}

/**
 * A server has answered 202 and is polled: when it first does, and whenever its status or requirement changes. With the requirement
 * `interaction`, the person has to be brought to `url` with `code`, the parameters of `pending.requirement`.
 */
export interface DeferredEvent extends EventBase {
  readonly type: 'deferred';
  /** What the answer is awaited for: the call itself, at the resource, or a token, at the Person Server. */
  readonly awaiting: 'response' | 'person-token' | 'auth-token';
  readonly server: ServerIdentifier;
  readonly pending: Pending;
}

/**
 * What was deferred is so no longer: the answer is there, or there will be none. Follows every series of `deferred`, whatever the
 * outcome, unless the call is aborted meanwhile; whoever showed the person where to go can stop.
 */
export interface SettledEvent extends EventBase {
  readonly type: 'settled';
  readonly awaiting: DeferredEvent['awaiting'];
  readonly server: ServerIdentifier;
}

/** A question about a deferred request has got the reply that `onClarification` made. */
export interface ClarifiedEvent extends EventBase {
  readonly type: 'clarified';
  readonly awaiting: DeferredEvent['awaiting'];
  readonly server: ServerIdentifier;
  /** Markdown of whoever asked. */
  readonly question: string;
  readonly reply: ClarificationReply;
  /** HTTP status of the server's answer; anything but 2xx means that it did not take the reply. */
  readonly status: number;
}

/** What the resource asked for has been done, and the request goes out once more. */
export interface RetriedEvent extends EventBase {
  readonly type: 'retried';
  /** What is done differently. */
  readonly because: Remedy;
}

/** A 401 that stands: it becomes the caller's response. */
export interface RefusedEvent extends EventBase {
  readonly type: 'refused';
  readonly status: number;
  readonly requirement: string | undefined;
  /** The code of `Signature-Error`. */
  readonly code: string | undefined;
}

/** What an agent can do about an answer of a resource. */
export type Remedy =
  | 'renew-agent-token'
  | 'present-agent-token'
  | 'present-person-token'
  | 'renew-person-token'
  | 'present-known-auth-token'
  | 'exchange-resource-token'
  | 'ask-again';

/** What an agent's fetch does on the way to its response, for traces and for people who watch. */
export type AgentEvent =
  | MetadataReadEvent
  | PresentedEvent
  | ChallengedEvent
  | PersonTokenRequestedEvent
  | PersonTokenReceivedEvent
  | ExchangeRequestedEvent
  | ExchangeReceivedEvent
  | DeferredEvent
  | ClarifiedEvent
  | SettledEvent
  | RetriedEvent
  | RefusedEvent;
