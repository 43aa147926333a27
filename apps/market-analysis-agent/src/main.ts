import { createHttpFetch } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { loadConfig } from './config.ts';
import { createMarketAnalysisAgent } from './market-analysis-agent.ts';

const name = 'market-analysis-agent';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);

  const fetch = createHttpFetch({ localhostDns: config.localhostDns });
  const agent = await createMarketAnalysisAgent(config, { fetch, log });
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
