import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createResourceProxy } from './app.ts';
import { loadConfig } from './config.ts';
import { openStorage } from './db/open-storage.ts';
import { listenProxy } from './listen.ts';
import { createMetrics } from './metrics/metrics.ts';

const name = 'resource-proxy';

await runService(name, async () => {
  const config = loadConfig(process.env);
  const log = createLogger({ name, level: config.logLevel });
  for (const remark of config.remarks) log.warn(remark);
  const storage = await openStorage(config.databaseUrl, log);
  const metrics = createMetrics({ process: true });
  return listenProxy(await createResourceProxy(config, { log, metrics, ...storage }), config, log, storage.close);
});
