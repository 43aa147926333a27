import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { loadConfig } from './config.ts';
import { createInventoryMcp } from './inventory-mcp.ts';

const name = 'inventory-mcp';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);
  const inventory = await createInventoryMcp(config, { log });
  const server = await serve({ fetch: inventory.app.fetch, hostname: config.host, port: config.port, log });
  return {
    async close() {
      inventory.stop();
      await server.close();
      await inventory.close();
    },
  };
});
