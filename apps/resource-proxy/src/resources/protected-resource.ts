import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import { createResource, type Verdict } from '@aauth-stack/aauth/resource';
import type { HttpMessage, ReplayCache } from '@aauth-stack/aauth/signatures';
import type { ResourceConfig } from '../configuration/resources-file.ts';

/** A configured resource that can verify requests made to it. */
export interface ProtectedResource {
  readonly id: string;
  /** Its identifier, or its id where it has none: how logs and spans call it. */
  readonly name: string;
  readonly config: ResourceConfig;
  verify(message: HttpMessage, body: Uint8Array | 'deferred' | undefined): Promise<Verdict>;
}

export interface VerificationTools {
  readonly discovery: Discovery;
  readonly keys: KeyBackend;
  readonly now: Clock;
  readonly identifiers: IdentifierPolicy;
  readonly replay: ReplayCache;
}

export function createProtectedResource(config: ResourceConfig, tools: VerificationTools): ProtectedResource {
  const resource = createResource({
    ...tools,
    schemes: config.schemes,
    agentProviders: config.agentServers,
    servers: config.agentServers,
    additionalComponents: config.additionalComponents,
    window: config.signatureWindow,
  });
  return {
    id: config.id,
    name: config.identifier ?? config.id,
    config,
    verify: (message, body) =>
      resource.verify({ ...message, authority: signedAuthority(config, message.authority) }, body),
  };
}

/** What the sender must have signed as `@authority`: never whatever the request says, but one of the configured names. */
function signedAuthority({ authority, authorityIsFixed, hosts }: ResourceConfig, received: string): string {
  return !authorityIsFixed && hosts.includes(received) ? received : authority;
}
