import {
  type AgentFetch,
  type AgentLog,
  type AgentSession,
  createAgentFetch,
  createAgentSession,
  createSelfIssuedSession,
  type SelfIssuedSession,
} from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { createAdmittedFetch, createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { recordAgentEvent } from '@aauth-stack/telemetry';
import { admitOthers } from './admit-others.ts';
import { jwksPath } from './own-provider-routes.ts';

export interface IdentitiesOptions {
  /** This agent's identifier: as a resource, and as its own agent provider. */
  readonly identifier: ServerIdentifier;
  readonly identifiers: IdentifierPolicy;
  /** Under which it enrols, and which people are shown. */
  readonly agentName: string;
  /** Its agent identifier before the `@`, as its own agent provider. */
  readonly agentLocal: string;
  /** At which it enrols. */
  readonly agentProvider: ServerIdentifier;
  /** Whose person approves it. */
  readonly personServer: ServerIdentifier;
  /** The resources that it calls. */
  readonly resources: readonly ServerIdentifier[];
  readonly stableKey: SigningKey;
  /** See {@link loadProviderKey}. */
  readonly providerKey: SigningKey;
  /** Where people come back to after an interaction that a caller was made to wait for. */
  readonly callbackEndpoint?: URL;
  readonly localhostDns: boolean;
  /** Reaches the agent provider, the resources and the person servers. */
  readonly fetch: typeof globalThis.fetch;
  readonly log: AgentLog;
}

/** As whom an agent calls others. */
export interface Identities {
  /** How it stands with the agent provider at which it enrols. */
  readonly session: AgentSession;
  /** As its own agent provider. */
  readonly ownProvider: SelfIssuedSession;
  /** Calls as the agent that the person approved. */
  readonly asItself: AgentFetch;
  /** Calls for the persons of its callers (AAuth Protocol, "Call Chaining"). */
  readonly forCallers: Pick<AgentFetch, 'withUpstream'>;
  /** Ends the session and closes connections; `fetch` stays open. */
  close(): Promise<void>;
}

/**
 * Makes the two identities of an agent that is called and calls on. Enrolled at an agent provider, it acts for the person who approved
 * it. As a resource that is its own agent provider, it acts for the persons whose tokens its callers presented.
 */
export function createIdentities(options: IdentitiesOptions): Identities {
  const { identifier, identifiers, personServer, localhostDns, agentName, fetch, log } = options;
  const admission = { allowLoopback: identifiers.allowLoopback, localhostDns };
  const egress = createEgressFetch(admission);
  // A person server that takes its time holds a poll for 30 s.
  const admitted = createAdmittedFetch({ ...admission, headersTimeout: 45 });
  const shared = {
    fetch,
    discovery: createDiscovery({ fetch: egress, identifiers, keys: nodeKeys, now: systemClock }),
    identifiers,
    keys: nodeKeys,
    now: systemClock,
    platform: 'workload' as const,
    onEvent: recordAgentEvent,
  };
  const session = createAgentSession({
    provider: options.agentProvider,
    personServer,
    agentName,
    stableKey: options.stableKey,
    fetch,
    keys: nodeKeys,
    now: systemClock,
    log,
  });
  const ownProvider = createSelfIssuedSession({
    issuer: identifier,
    key: options.providerKey,
    agentLocal: options.agentLocal,
    jwksUri: new URL(jwksPath, identifier),
    name: agentName,
    callbackEndpoint: options.callbackEndpoint,
    now: systemClock,
  });
  return {
    session,
    ownProvider,
    asItself: createAgentFetch({ ...shared, credentials: session.credentials, personServer }),
    forCallers: createAgentFetch({
      ...shared,
      fetch: admitOthers(fetch, [...options.resources, personServer], admitted),
      credentials: ownProvider.credentials,
    }),
    async close() {
      session.stop();
      await admitted.close();
    },
  };
}
