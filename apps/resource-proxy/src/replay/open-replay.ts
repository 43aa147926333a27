import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { createReplayCache, type ReplayCache } from '@aauth-stack/aauth/signatures';
import { openDatabase } from '@aauth-stack/service/database';
import type { HealthCheck } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import * as schema from '../db/schema.ts';
import { createDatabaseReplayCache } from './database-replay-cache.ts';

export interface Replay {
  readonly replay: ReplayCache;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  close(): Promise<void>;
}

/** Opens what repeated requests are recognised with: the database, or the memory of this process where there is none. */
export async function openReplay(url: string | undefined, log: Logger, now: Clock = systemClock): Promise<Replay> {
  if (url === undefined) {
    log.warn('DATABASE_URL is not set: a request seen before a restart, or by another replica, is not recognised');
    return { replay: createReplayCache({ now }), checks: {}, close: async () => {} };
  }
  const migrationsFolder = new URL('../db/migrations', import.meta.url).pathname;
  const { db, ping, close } = await openDatabase({
    url,
    schema,
    migrationsFolder,
    applicationName: 'resource-proxy',
    log,
  });
  return { replay: createDatabaseReplayCache({ db, now }), checks: { database: ping }, close };
}
