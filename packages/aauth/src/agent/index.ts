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
