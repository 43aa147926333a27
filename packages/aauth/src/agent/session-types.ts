import type { Clock, Sleep } from '../clock.ts';
import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, SigningKey } from '../keys/types.ts';
import type { CredentialRequest, Credentials } from './signed-fetch.ts';

/** Where a session says what it does; a pino logger is one. */
export interface AgentLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an agent is called, who vouches for it, and the key that makes it the same one. */
export interface AgentSessionOptions {
  /** The agent provider. */
  readonly provider: ServerIdentifier;
  /** 1–256 characters; what the person is shown. */
  readonly agentName: string;
  /** The person server that the agent token is to name; by default the agent provider's own choice. */
  readonly personServer?: ServerIdentifier;
  /** Where the provider may send the person back to. */
  readonly callback?: string;
  /** The key that makes the agent the same one after a restart. Signs only towards the agent provider. */
  readonly stableKey: SigningKey;
  /** Reaches the agent provider, unsigned. Must be ready to wait for response headers for 40 s. */
  readonly fetch: typeof globalThis.fetch;
  /** Makes the ephemeral keys. */
  readonly keys: KeyBackend;
  readonly now: Clock;
  /** Must take as long as `now` says; one that returns at once would turn waiting into a busy loop. */
  readonly sleep?: Sleep;
  readonly log: AgentLog;
  /** Seconds of real time until one request to the agent provider is given up. Default 10; a poll may take 30 longer. */
  readonly requestTimeout?: number;
}

/** A session's agent token with its key. One object, replaced as a whole. */
export interface AgentCredentials extends Credentials {
  readonly agent: AgentIdentifier;
  /** The token's payload. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * - `starting`: not started, or the first request to the agent provider is under way
 * - `pending`: the person has to approve the agent
 * - `enrolled`: an agent token is at hand
 * - `denied`: the person or the provider refused the agent; it asks again later
 * - `retrying`: the agent provider could not be reached or answered with an error; tried again shortly
 * - `stopped`
 */
export type AgentState = 'starting' | 'pending' | 'enrolled' | 'denied' | 'retrying' | 'stopped';

/** How an agent stands with its provider at the moment. */
export interface AgentStatus {
  readonly state: AgentState;
  /** One sentence for people: what is so, or what is being waited for. */
  readonly detail: string;
  readonly agent?: AgentIdentifier;
  /** When the agent token expires, in seconds since the epoch. */
  readonly expiresAt?: number;
}

/** An agent's standing with its agent provider. Made by {@link createAgentSession}. */
export interface AgentSession {
  /** Begins to enrol, and keeps the agent token fresh from then on. A second call does nothing. */
  start(): void;
  /** Settles when the agent is enrolled for the first time; rejects if the session is stopped before. */
  readonly ready: Promise<void>;
  status(): AgentStatus;
  /**
   * The agent token and its key, renewed first if it has less than five minutes left or `request.refused` names it. However many
   * callers wait, one renewal is under way. While the provider cannot be reached, the old token serves as long as it is valid.
   * Bound: a {@link CredentialSource} as it is.
   *
   * @throws UnavailableError when there is no valid agent token, with the reason in its detail
   * @throws DeferredError when the agent provider has just refused the agent (`denied`, `revoked`)
   */
  readonly credentials: (request?: CredentialRequest) => Promise<AgentCredentials>;
  /** Ends every wait, poll and timer. A valid token is still handed out afterwards, but not renewed. */
  stop(): void;
}
