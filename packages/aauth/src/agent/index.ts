export type {
  AgentEvent,
  ChallengedEvent,
  ClarifiedEvent,
  DeferredEvent,
  DisplayedClaims,
  ExchangeReceivedEvent,
  ExchangeRequestedEvent,
  MetadataReadEvent,
  PersonTokenReceivedEvent,
  PersonTokenRequestedEvent,
  PresentedEvent,
  RefusedEvent,
  Remedy,
  RetriedEvent,
  SettledEvent,
} from './agent-events.ts';
export { createAgentFetch } from './agent-fetch.ts';
export type { AgentFetch, AgentFetchOptions, WorkFetch, WorkOptions } from './agent-fetch-options.ts';
export type { Clarification, ClarificationHandler, ClarificationReply } from './clarification.ts';
export { type InteractionLink, interactionLink } from './interaction-link.ts';
export type { RevocationOutcome } from './revocation-answer.ts';
export {
  createSelfIssuedSession,
  type SelfIssuedSession,
  type SelfIssuedSessionOptions,
} from './self-issued-session.ts';
export {
  createRevocationSender,
  type RevocationNotice,
  type RevocationSenderOptions,
  type SendRevocation,
} from './send-revocation.ts';
export { createServerFetch, type ServerFetchOptions } from './server-fetch.ts';
export { createAgentSession } from './session.ts';
export type {
  AgentCredentials,
  AgentLog,
  AgentSession,
  AgentSessionOptions,
  AgentState,
  AgentStatus,
} from './session-types.ts';
export {
  type CredentialRequest,
  type CredentialSource,
  type Credentials,
  createSignedFetch,
  type SignedFetchOptions,
} from './signed-fetch.ts';
export type { Refusal } from './signer.ts';
export { SigningError } from './signing-error.ts';
export type { SigningOptions } from './signing-fetch.ts';
export type { RefusedStep, RetriedStep, SignedStep, SigningStep } from './steps.ts';
