export { type Presentation, present, sendSigned } from './agent.ts';
export { type AgentProvider, startAgentProvider } from './agent-provider.ts';
export { type Answer, getJson, type Response, type Server, send } from './http.ts';
export { type Changes, change, flipBit, type Jwt, type Members, peek, read, sign } from './jwt.ts';
export { keyProof } from './key-proof.ts';
export { createKeyPair, type KeyPair } from './keys.ts';
export {
  type Caller,
  type CallingServer,
  type Party,
  readPublished,
  startParty,
  verifyCaller,
  verifyServer,
} from './party.ts';
export { createPendingRequests, type PendingRequest, type PendingRequests } from './pending-requests.ts';
export { type PersonServer, startPersonServer } from './person-server.ts';
export { readRequirement } from './requirement.ts';
export { type Challenge, type Resource, startResource } from './resource.ts';
export { agentToken, authToken, type Issuer, now, personToken, resourceToken } from './tokens.ts';
