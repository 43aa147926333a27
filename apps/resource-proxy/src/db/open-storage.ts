import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { createRevocationStore, type RevocationStore } from '@aauth-stack/aauth/resource';
import { createReplayCache, type ReplayCache } from '@aauth-stack/aauth/signatures';
import { openDatabase } from '@aauth-stack/service/database';
import type { HealthCheck } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { createDatabaseReplayCache } from '../replay/database-replay-cache.ts';
import { createDatabaseRevocationStore } from '../revocations/database-revocation-store.ts';
import * as schema from './schema.ts';

/** What the proxy remembers from one request to the next. */
export interface Storage {
  /** Where repeated requests are recognised. */
  readonly replay: ReplayCache;
  readonly revocations: RevocationStore;
  /** What the health of this storage is, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  close(): Promise<void>;
}

/** Opens the database, or the memory of this process where none is configured. */
export async function openStorage(url: string | undefined, log: Logger, now: Clock = systemClock): Promise<Storage> {
  if (url === undefined) {
    log.warn(
      'DATABASE_URL is not set: what another replica, or this one before a restart, has seen or been told is not known ' +
        '(repeated requests, revoked tokens)',
    );
    const inMemory = { replay: createReplayCache({ now }), revocations: createRevocationStore({ now }) };
    return { ...inMemory, checks: {}, close: async () => {} };
  }
  const migrationsFolder = new URL('migrations', import.meta.url).pathname;
  const { db, ping, close } = await openDatabase({
    url,
    schema,
    migrationsFolder,
    applicationName: 'resource-proxy',
    log,
  });
  return {
    replay: createDatabaseReplayCache({ db, now }),
    revocations: createDatabaseRevocationStore({ db, now }),
    checks: { database: ping },
    close,
  };
}
