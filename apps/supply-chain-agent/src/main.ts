import { createHttpFetch } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { loadConfig } from './config.ts';
import { createSupplyChainAgent } from './supply-chain-agent.ts';

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
  const agent = await createSupplyChainAgent(config, { fetch, log });
  const server = await serve({ fetch: agent.app.fetch, hostname: config.host, port: config.port, log });
  agent.session.start();

  return {
    async close() {
      await server.close();
      await agent.close();
      await fetch.close();
    },
  };
});
