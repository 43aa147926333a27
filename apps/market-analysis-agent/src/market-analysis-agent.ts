import { createIdentities, fetchForCaller, loadProviderKey } from '@aauth-stack/a2a/identities';
import { callbackPath, createInteractionRelay } from '@aauth-stack/a2a/interaction';
import type { AgentSession } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { createHeldCalls } from '@aauth-stack/aauth/resource';
import { loadConfigured } from '@aauth-stack/service/config';
import type { Logger } from '@aauth-stack/service/logger';
import type { Hono } from 'hono';
import { createAgent } from './agent.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';

export interface MarketAnalysisAgent {
  readonly app: Hono;
  /** Not started. */
  readonly session: AgentSession;
  /** Ends the session and closes connections; `fetch` stays open. */
  close(): Promise<void>;
}

/**
 * Builds the service from its configuration.
 *
 * @param options.fetch reaches the agent provider, the inventory server and the person servers
 * @throws StartupError when a key file cannot be used
 */
export async function createMarketAnalysisAgent(
  config: Config,
  { fetch, log, now = () => new Date() }: { fetch: typeof globalThis.fetch; log: Logger; now?: () => Date },
): Promise<MarketAnalysisAgent> {
  const { session, ownProvider, close, ...fetches } = createIdentities({
    ...config,
    agentLocal: 'market-analysis-agent',
    resources: [config.inventory],
    stableKey: await loadConfigured('STABLE_KEY_FILE', config.stableKeyFile, loadOrCreateSigningKey),
    providerKey: await loadConfigured('PROVIDER_KEY_FILE', config.providerKeyFile, loadProviderKey),
    callbackEndpoint: new URL(callbackPath, config.identifier),
    fetch,
    log,
  });
  const { identifier, proxySecret, callbackOrigins, identifiers } = config;
  const interactions = createInteractionRelay({ identifier, callbackOrigins, identifiers });
  const execute = createAgent({
    agentName: config.agentName,
    inventory: new URL(config.inventoryPath, config.inventory),
    inventoryTimeoutMs: config.inventoryTimeoutMs,
    interactions,
    fetchFor: (caller, work) => fetchForCaller(fetches, caller, work),
    now,
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
