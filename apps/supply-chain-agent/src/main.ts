import { createA2AClient } from '@aauth-stack/a2a/client';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { serve } from '@aauth-stack/service/http';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createAgent } from './agent.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
import { createIdentities } from './identities/identities.ts';
import { fetchForCaller } from './market-analysis/fetch-for-caller.ts';
import { purchasingPolicies } from './policies/data.ts';

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
  const { session, ownProvider, ...fetches } = await createIdentities(config, { fetch, log });
  const marketAnalysisAgentFor = (caller: ForwardedPrincipal) =>
    createA2AClient({
      url: config.marketAnalysisAgent,
      fetch: fetchForCaller(fetches, caller),
      timeoutMs: config.marketAnalysisTimeoutMs,
    });
  const now = () => new Date();
  const app = createApp({
    execute: createAgent({
      agentName: config.agentName,
      policies: purchasingPolicies,
      marketAnalysisAgentFor,
      now,
      log,
    }),
    identifier: config.identifier,
    proxySecret: config.proxySecret,
    enrolment: () => session.status(),
    ownProvider,
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
