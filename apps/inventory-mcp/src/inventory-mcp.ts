import { createWaiter, openDatabase } from '@aauth-stack/service/database';
import type { Logger } from '@aauth-stack/service/logger';
import type { Hono } from 'hono';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import * as schema from './db/schema.ts';
import { createEndpoint } from './mcp/endpoint.ts';
import { streamChannel } from './sessions/event-log.ts';
import { createRunningRequests } from './sessions/running-requests.ts';
import { createSessionStore } from './sessions/session-store.ts';

export interface InventoryMcp {
  readonly app: Hono;
  /** Ends the event streams, whose clients go on at another replica: without that, nobody could wait for the last request. */
  stop(): void;
  /** Closes the database, when every request has ended. */
  close(): Promise<void>;
}

const purgeEveryMs = 600_000;

/**
 * Builds the service from its configuration.
 *
 * @throws StartupError when the database cannot be used
 */
export async function createInventoryMcp(
  config: Pick<Config, 'databaseUrl' | 'identifier' | 'proxySecret'>,
  { log, now = () => new Date() }: { log: Logger; now?: () => Date },
): Promise<InventoryMcp> {
  const database = await openDatabase({
    url: config.databaseUrl,
    schema,
    migrationsFolder: new URL('db/migrations', import.meta.url).pathname,
    applicationName: 'inventory-mcp',
    log,
  });
  const waiter = await createWaiter(database, streamChannel);
  const running = await createRunningRequests(database);
  const sessions = createSessionStore(database.db, now);
  const stopping = new AbortController();
  const purge = () => sessions.purge().catch((err) => log.warn({ err }, 'old sessions are still there'));
  const purging = setInterval(purge, purgeEveryMs);
  return {
    app: createApp({
      answer: createEndpoint({ database, sessions, running, waiter, stopping: stopping.signal, now, log }),
      identifier: config.identifier,
      proxySecret: config.proxySecret,
      health: { healthz: { database: () => database.ping() } },
      log,
    }),
    stop: () => stopping.abort(),
    async close() {
      stopping.abort();
      clearInterval(purging);
      running.close();
      waiter.close();
      await database.close();
    },
  };
}
