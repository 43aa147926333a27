import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createResourceProxy } from './app.ts';
import { loadConfig } from './config.ts';
import { openStorage } from './db/open-storage.ts';
import { listenProxy } from './listen.ts';

const name = 'resource-proxy';

await runService(name, async () => {
  const config = loadConfig(process.env);
  const log = createLogger({ name, level: config.logLevel });
  for (const remark of [...config.resources.remarks, ...config.gateway.remarks]) log.warn(remark);
  const storage = await openStorage(config.databaseUrl, log);
  return listenProxy(await createResourceProxy(config, { log, ...storage }), config, log, storage.close);
});
