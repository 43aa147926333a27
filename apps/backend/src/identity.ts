import {
  type AgentFetch,
  type AgentLog,
  type AgentSession,
  createAgentFetch,
  createAgentSession,
} from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { createEgressFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { loadConfigured } from '@aauth-stack/service/config';
import { recordAgentEvent } from '@aauth-stack/telemetry';
import type { Config } from './config.ts';

/** The backend as an agent. */
export interface Identity {
  /** How it stands with its agent provider. */
  readonly session: AgentSession;
  /** Calls others as this agent, and gets whatever access they require; each step is on the caller's span. */
  readonly fetch: AgentFetch;
}

/**
 * @param options.fetch reaches the agent provider, the person server and the agents
 * @throws StartupError when the key file cannot be used
 */
export async function createIdentity(
  config: Config,
  { fetch, log }: { fetch: typeof globalThis.fetch; log: AgentLog },
): Promise<Identity> {
  const { identifiers, localhostDns, personServer } = config;
  const keys = nodeKeys;
  const now = systemClock;
  const session = createAgentSession({
    provider: config.agentProvider,
    personServer,
    agentName: config.agentName,
    callback: config.authCallback.href,
    stableKey: await loadConfigured('STABLE_KEY_FILE', config.stableKeyFile, loadOrCreateSigningKey),
    fetch,
    keys,
    now,
    log,
  });
  const egress = createEgressFetch({ allowLoopback: identifiers.allowLoopback, localhostDns });
  const agentFetch = createAgentFetch({
    fetch,
    credentials: session.credentials,
    personServer,
    discovery: createDiscovery({ fetch: egress, identifiers, keys, now }),
    identifiers,
    keys,
    now,
    platform: 'workload',
    onEvent: recordAgentEvent,
  });
  return { session, fetch: agentFetch };
}
