import { createAgentSession } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createHttpFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { loadConfigured } from '@aauth-stack/service/config';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { createAgent } from './agent.ts';
import { companyData } from './analysis/data.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';

const name = 'market-analysis-agent';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);

  const fetch = createHttpFetch({ localhostDns: config.localhostDns });
  const session = createAgentSession({
    provider: config.agentProvider,
    personServer: config.personServer,
    agentName: config.agentName,
    stableKey: await loadConfigured('STABLE_KEY_FILE', config.stableKeyFile, loadOrCreateSigningKey),
    fetch,
    keys: nodeKeys,
    now: systemClock,
    log,
  });
  const now = () => new Date();
  const app = createApp({
    execute: createAgent({ agentName: config.agentName, data: companyData, now }),
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
