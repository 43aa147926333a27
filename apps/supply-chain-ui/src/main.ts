import { fileURLToPath } from 'node:url';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { createBuiltPages } from '@aauth-stack/service/pages';
import { loadConfig } from './config.ts';
import { createApp } from './server/app.ts';

const name = 'supply-chain-ui';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);
  const pages = createBuiltPages({ folder: fileURLToPath(new URL('../dist/', import.meta.url)), log });
  const app = createApp({ pages, settings: config.settings, connectOrigins: config.connectOrigins, log });
  return serve({ fetch: app.fetch, hostname: config.host, port: config.port, log });
});
