import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createResourceProxy } from './app.ts';
import { loadConfig } from './config.ts';
import { listenProxy } from './listen.ts';
import { openReplay } from './replay/open-replay.ts';

const name = 'resource-proxy';

await runService(name, async () => {
  const config = loadConfig(process.env);
  const log = createLogger({ name, level: config.logLevel });
  for (const remark of [...config.resources.remarks, ...config.gateway.remarks]) log.warn(remark);
  const replay = await openReplay(config.databaseUrl, log);
  return listenProxy(await createResourceProxy(config, { log, ...replay }), config, log, replay.close);
});
