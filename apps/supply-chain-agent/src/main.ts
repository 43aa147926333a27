import { createA2AClient } from '@aauth-stack/a2a/client';
import { createAgentSession, createSignedFetch } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createAgent } from './agent.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
import { purchasingPolicies } from './policies/data.ts';
import { loadStableKey } from './stable-key.ts';

const name = 'supply-chain-agent';

await runService(name, async () => {
  const warnings: string[] = [];
  const config = loadConfig(process.env, (message) => warnings.push(message));
  const log = createLogger({ name, level: config.logLevel });
  for (const warning of warnings) log.warn(warning);

  const fetch = createHttpFetch({
    localhostDns: config.localhostDns,
    headersTimeout: Math.max(120, config.marketAnalysisTimeoutMs / 1000 + 5),
  });
  const session = createAgentSession({
    provider: config.agentProvider,
    personServer: config.personServer,
    agentName: config.agentName,
    stableKey: await loadStableKey(config.stableKeyFile),
    fetch,
    keys: nodeKeys,
    now: systemClock,
    log,
  });
  const marketAnalysisAgent = createA2AClient({
    url: config.marketAnalysisAgent,
    fetch: createSignedFetch({ fetch, credentials: session.credentials, now: systemClock }),
    timeoutMs: config.marketAnalysisTimeoutMs,
  });
  const now = () => new Date();
  const app = createApp({
    execute: createAgent({
      agentName: config.agentName,
      policies: purchasingPolicies,
      marketAnalysisAgent,
      now,
      log,
    }),
    identifier: config.identifier,
    proxySecret: config.proxySecret,
    enrolment: () => session.status(),
    now,
    log,
  });
  const server = await serve({ fetch: app.fetch, hostname: config.host, port: config.port, log });
  session.start();

  return {
    async close() {
      await server.close();
      session.stop();
      await fetch.close();
    },
  };
});
