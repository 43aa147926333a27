import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend, SigningKey } from '@aauth-stack/aauth/keys';
import {
  type AuthorizationVerdict,
  createResource,
  type RevocationStore,
  type Verdict,
} from '@aauth-stack/aauth/resource';
import type { HttpMessage, ReplayCache } from '@aauth-stack/aauth/signatures';
import type { ResourceConfig } from '../configuration/resource-config.ts';

/** A configured resource that can verify requests made to it. */
export interface ProtectedResource {
  readonly id: string;
  /** Its identifier, or its id where it has none: how logs and spans call it. */
  readonly name: string;
  readonly config: ResourceConfig;
  /** What a 401 for a request that does not hold asks for; undefined where no token is accepted. */
  readonly requirement: 'agent-token' | 'person-token' | undefined;
  verify(
    message: HttpMessage,
    body: Uint8Array | 'deferred' | undefined,
    requiredScopes: readonly string[],
  ): Promise<Verdict>;
  /** What its authorization endpoint answers. */
  authorize(request: Request): Promise<AuthorizationVerdict>;
}

export interface VerificationTools {
  readonly discovery: Discovery;
  readonly keys: KeyBackend;
  readonly now: Clock;
  readonly identifiers: IdentifierPolicy;
  readonly replay: ReplayCache;
  readonly revocations: RevocationStore;
}

/**
 * @param signingKey signs resource tokens; needed where the resource asks for auth tokens
 */
export function createProtectedResource(
  config: ResourceConfig,
  signingKey: SigningKey | undefined,
  { revocations, ...tools }: VerificationTools,
): ProtectedResource {
  const usual = config.access === 'agent-token' ? 'agent-token' : 'person-token';
  const requirement = config.schemes.includes('jwt') ? usual : undefined;
  const resource = createResource({
    ...tools,
    identifier: config.identifier,
    authority: config.authorities,
    access: config.access,
    schemes: config.schemes,
    tokenTypes: config.tokenTypes,
    agentProviders: config.agentServers,
    personServers: config.personServers,
    servers: config.agentServers,
    signingKey,
    scopes: { descriptions: config.scopeDescriptions, defaults: config.defaultScopes },
    additionalComponents: config.additionalComponents,
    window: config.signatureWindow,
    requirement: requirement ?? false,
    revoked: (token) => revocations.isRevoked(token),
  });
  return {
    id: config.id,
    name: config.identifier ?? config.id,
    config,
    requirement,
    verify: (message, body, requiredScopes) => resource.verify(message, body, { requiredScopes }),
    authorize: (request) => resource.authorizeRequest(request),
  };
}
