import { createA2AClient } from '@aauth-stack/a2a/client';
import { createIdentities, fetchForCaller, loadProviderKey } from '@aauth-stack/a2a/identities';
import { callbackPath, createInteractionRelay } from '@aauth-stack/a2a/interaction';
import type { AgentSession } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { createHeldCalls } from '@aauth-stack/aauth/resource';
import { loadConfigured } from '@aauth-stack/service/config';
import type { Logger } from '@aauth-stack/service/logger';
import type { Hono } from 'hono';
import { type AgentOptions, createAgent } from './agent.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { purchasingPolicies } from './policies/data.ts';

export interface SupplyChainAgent {
  readonly app: Hono;
  /** Not started. */
  readonly session: AgentSession;
  /** Ends the session and closes connections; `fetch` stays open. */
  close(): Promise<void>;
}

/**
 * Builds the service from its configuration.
 *
 * @param options.fetch reaches the agent provider, the market-analysis agent and the person servers
 * @throws StartupError when a key file cannot be used
 */
export async function createSupplyChainAgent(
  config: Config,
  { fetch, log }: { fetch: typeof globalThis.fetch; log: Logger },
): Promise<SupplyChainAgent> {
  const { identifier, agentName, proxySecret } = config;
  const { session, ownProvider, close, ...fetches } = createIdentities({
    ...config,
    agentLocal: 'supply-chain-agent',
    resources: [config.marketAnalysisAgent],
    stableKey: await loadConfigured('STABLE_KEY_FILE', config.stableKeyFile, loadOrCreateSigningKey),
    providerKey: await loadConfigured('PROVIDER_KEY_FILE', config.providerKeyFile, loadProviderKey),
    callbackEndpoint: new URL(callbackPath, identifier),
    fetch,
    log,
  });
  const marketAnalysisAgentFor: AgentOptions['marketAnalysisAgentFor'] = (caller, work, onAnswered) => {
    const fetch = fetchForCaller(fetches, caller, work);
    return createA2AClient({
      url: config.marketAnalysisAgent,
      async fetch(input, init) {
        const response = await fetch(input, init);
        onAnswered();
        return response;
      },
    });
  };
  const now = () => new Date();
  const { marketAnalysisTimeoutMs, callbackOrigins, identifiers } = config;
  const interactions = createInteractionRelay({ identifier, callbackOrigins, identifiers });
  const policies = purchasingPolicies;
  const execute = createAgent({
    agentName,
    policies,
    marketAnalysisAgentFor,
    marketAnalysisTimeoutMs,
    interactions,
    now,
    log,
  });
  const heldCalls = createHeldCalls({ now: systemClock });
  const enrolment = () => session.status();
  const app = createApp({
    execute,
    identifier,
    proxySecret,
    heldCalls,
    interactions,
    enrolment,
    ownProvider,
    now,
    log,
  });
  return { app, session, close };
}
