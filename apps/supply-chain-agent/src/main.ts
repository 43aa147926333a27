import { createHttpFetch } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { loadConfig } from './config.ts';
import { createSupplyChainAgent } from './supply-chain-agent.ts';

const name = 'supply-chain-agent';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);

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
