import cluster from 'node:cluster';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createResourceProxy } from './app.ts';
import { loadConfig } from './config.ts';
import { openStorage } from './db/open-storage.ts';
import { listenProxy } from './listen.ts';
import { createMetrics } from './metrics/metrics.ts';
import { reportReady, superviseWorkers } from './workers/supervise.ts';

const name = 'resource-proxy';

/** Whoever waits for workers has to wait longer than they do. */
const options = cluster.isWorker ? { stopOn: ['SIGTERM'] as const } : { stopMs: 7_000 };

await runService(
  name,
  async () => {
    const config = loadConfig(process.env);
    const log = createLogger({ name, level: config.logLevel });
    if (!cluster.isWorker) for (const remark of config.remarks) log.warn(remark);
    if (cluster.isPrimary && config.workers > 1) return superviseWorkers(config.workers, log);
    const storage = await openStorage(config.databaseUrl, log);
    const metrics = createMetrics({ process: true });
    const proxy = await createResourceProxy(config, { log, metrics, ...storage });
    const listening = await listenProxy(proxy, config, log, storage.close);
    reportReady();
    return listening;
  },
  options,
);
