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
import { createAdmittedFetch, createEgressFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { loadConfigured } from '@aauth-stack/service/config';
import { recordAgentEvent } from '@aauth-stack/telemetry';
import type { Config } from '../config.ts';
import { callbackPath } from '../interaction/interaction-relay.ts';
import { admitOthers } from './admit-others.ts';
import { jwksPath } from './own-provider-routes.ts';
import { loadProviderKey } from './provider-key.ts';

/** As whom this agent calls others. */
export interface Identities {
  /** How it stands with the agent provider at which it enrols. */
  readonly session: AgentSession;
  /** As its own agent provider. */
  readonly ownProvider: SelfIssuedSession;
  /** Calls as the agent that the person approved. */
  readonly asItself: AgentFetch;
  /** Calls for the persons of its callers (AAuth Protocol, "Call Chaining"). */
  readonly forCallers: Pick<AgentFetch, 'withUpstream'>;
  /** Ends the session and closes connections. */
  close(): Promise<void>;
}

/**
 * Makes this agent's two identities. Enrolled at an agent provider, it acts for the person who approved it. As a resource that is
 * its own agent provider, it acts for the persons whose tokens its callers presented.
 *
 * @param options.fetch reaches the agent provider, the other agents and the person servers
 * @throws StartupError when a key file cannot be used
 */
export async function createIdentities(
  config: Config,
  { fetch, log }: { fetch: typeof globalThis.fetch; log: AgentLog },
): Promise<Identities> {
  const { identifier, identifiers, personServer, localhostDns } = config;
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
    provider: config.agentProvider,
    personServer,
    agentName: config.agentName,
    stableKey: await loadConfigured('STABLE_KEY_FILE', config.stableKeyFile, loadOrCreateSigningKey),
    fetch,
    keys: nodeKeys,
    now: systemClock,
    log,
  });
  const ownProvider = createSelfIssuedSession({
    issuer: identifier,
    key: await loadConfigured('PROVIDER_KEY_FILE', config.providerKeyFile, loadProviderKey),
    agentLocal: 'supply-chain-agent',
    jwksUri: new URL(jwksPath, identifier),
    name: config.agentName,
    callbackEndpoint: new URL(callbackPath, identifier),
    now: systemClock,
  });
  return {
    session,
    ownProvider,
    asItself: createAgentFetch({ ...shared, credentials: session.credentials, personServer }),
    forCallers: createAgentFetch({
      ...shared,
      fetch: admitOthers(fetch, [config.marketAnalysisAgent, personServer], admitted),
      credentials: ownProvider.credentials,
    }),
    async close() {
      session.stop();
      await admitted.close();
    },
  };
}
