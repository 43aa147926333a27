import type { Discovery } from '../discovery/types.ts';
import type { IdentifierPolicy, ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend } from '../keys/types.ts';
import type { AgentEvent } from './agent-events.ts';
import type { ClarificationHandler } from './clarification.ts';
import type { CredentialSource } from './signed-fetch.ts';
import type { SigningOptions } from './signing-fetch.ts';

/** What may differ from one piece of an agent's work to the next. */
export interface WorkOptions {
  /**
   * What the agent can handle (AAuth Protocol, "AAuth-Capabilities"): `interaction`, `clarification`, `payment`. Sent to resources in
   * `AAuth-Capabilities` and to the person server in bodies. Absent or empty: nothing is sent, which means none.
   */
  readonly capabilities?: readonly string[];
  /** Why access is wanted, in Markdown; the person server shows it to the person as the agent's word. */
  readonly justification?: string;
  /**
   * Replies to questions about a request that is pending. Needs the capability `clarification`. Concurrent calls share their requests
   * to the person server: the one that began a request answers for it.
   */
  readonly onClarification?: ClarificationHandler;
  /** Called at each step of every call, in the asynchronous context of its caller. What it throws fails that call. */
  readonly onEvent?: (event: AgentEvent) => void;
}

/** Who an agent is, how it reaches servers, and what it can do about challenges. */
export interface AgentFetchOptions extends SigningOptions, WorkOptions {
  /** The agent token and its key; for instance the `credentials` of an {@link AgentSession} or a {@link SelfIssuedSession}. */
  readonly credentials: CredentialSource;
  /**
   * Sends the requests to person servers that only an upstream token names: `createAdmittedFetch` of `@aauth-stack/aauth/node`, with a
   * `headersTimeout` of 40 s at least, keeps such a name from leading into your network. Default: `fetch`.
   */
  readonly peerFetch?: typeof globalThis.fetch;
  /** The person server that the agent token names. Without one the agent can satisfy no requirement beyond its agent token. */
  readonly personServer?: ServerIdentifier;
  /** Finds metadata and keys of resources and person servers. Share one among the fetches of a process. */
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  /**
   * Components to cover beside those that every signature covers and those that the resource's metadata lists. Default: none. Uncalled
   * for, `@query` is one that peers understand in two ways: with its `?` in the value (RFC 9421 §2.2.7), and without.
   */
  readonly additionalComponentsFor?: (url: URL) => readonly string[];
  /** Default: WebCrypto. */
  readonly keys?: KeyBackend;
  /** Where the agent runs; the person server shows it to the person as the agent's word. */
  readonly platform?: 'web' | 'mobile' | 'desktop' | 'workload' | 'self-hosted';
  /** On what it runs, at most 64 printable characters; shown like `platform`. */
  readonly device?: string;
  /**
   * Seconds that one deferred answer is waited for, by `now`. Default: as long as the server says that it keeps the request
   * (`expires_at`), a day at most; 600 when it does not say.
   */
  readonly maxWait?: number;
  /** Seconds of real time until one request to the person server is given up. Default 10; a poll may take 30 longer. */
  readonly requestTimeout?: number;
}

/** A `fetch` of an agent for one piece of its work. */
export type WorkFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A `fetch` that gets the access it needs. Made by {@link createAgentFetch}. */
export interface AgentFetch extends WorkFetch {
  /**
   * The same `fetch` for one piece of work, with options of its own: they replace the agent's, except that `onEvent` of both is called.
   * The tokens are the agent's, but for an auth token that the person was asked for on behalf of this piece: that is for it alone.
   */
  with(work: WorkOptions): WorkFetch;
  /**
   * A `fetch` that calls others for the person of a token that was presented to this agent in its role as a resource (AAuth
   * Protocol, "Call Chaining"). It asks the person server which that token names. Nothing it obtains is used for anybody else.
   *
   * @param upstreamToken a verified person or auth token, in compact form
   * @param work as for `with`
   * @throws RequestError `invalid_upstream_token` when it is neither
   */
  withUpstream(upstreamToken: string, work?: WorkOptions): WorkFetch;
}
