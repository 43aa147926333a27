import { type Logger as DrizzleLogger, sql as query, type SQL } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import type { Logger } from '../logger.ts';
import { connectTimeoutSeconds, migrateDatabase } from './connect.ts';
import { createListener, type Subscriber } from './listener.ts';
import { watchedSockets } from './watched-socket.ts';

export interface OpenDatabaseOptions<Schema extends Record<string, unknown>> {
  /** `DATABASE_URL`. */
  url: string;
  /** The tables, as Drizzle declares them: `import * as schema from './db/schema.ts'`. */
  schema: Schema;
  /** Folder of committed migrations, as `drizzle-kit generate` writes them. */
  migrationsFolder: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  log: Logger;
  /** How long a statement may take until PostgreSQL answers, in milliseconds, before its connection is given up. Default 10,000. */
  silenceMs?: number;
}

/** Where a query runs: the database or a transaction of it. */
export interface Executor {
  execute(statement: SQL): PromiseLike<unknown>;
}

export interface Database<Schema extends Record<string, unknown> = Record<string, unknown>> {
  db: PostgresJsDatabase<Schema>;
  /** The same pool without Drizzle. Timestamps arrive as text, because Drizzle sets the pool's parsers. */
  sql: Sql;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /**
   * Calls back for each notification on a channel, and with `undefined` after a lost connection, when some may have
   * been missed. Resolves to a function that ends it.
   */
  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => void>;
  /** Wakes every listener on the channel, in every replica; with a transaction as `within`, when that commits. */
  notify(channel: string, payload: string, within?: Executor): Promise<void>;
  close(): Promise<void>;
}

const poolSize = 10;
/** postgres.js waits for ever for a connection that the database ended in the middle of a query, unless it was used again. */
const closeTimeoutSeconds = 1;

/**
 * Migrates the database to the newest schema, then opens it.
 *
 * @throws StartupError when the database cannot be reached or the URL is wrong
 */
export async function openDatabase<Schema extends Record<string, unknown>>(
  options: OpenDatabaseOptions<Schema>,
): Promise<Database<Schema>> {
  const { url, schema, migrationsFolder, applicationName, log, silenceMs = 10_000 } = options;
  await migrateDatabase(url, migrationsFolder, applicationName);
  const settings = {
    max: poolSize,
    connect_timeout: connectTimeoutSeconds,
    connection: { application_name: applicationName },
    onnotice: () => {},
    // Asked for on each new connection, in a promise that nobody catches when the database goes away meanwhile: it ended the process.
    fetch_types: false,
    // Not among the options that postgres.js declares.
    socket: watchedSockets(silenceMs),
  };
  const sql = postgres(url, settings);
  const db = drizzle(sql, { schema, logger: queryLogger(log) });
  const listener = createListener({ url, applicationName, log });
  return {
    db,
    sql,
    async ping() {
      await sql`select 1`;
    },
    listen: (channel, callback) => listener.subscribe(channel, subscriberOf(callback)),
    async notify(channel, payload, within = db) {
      await within.execute(query`select pg_notify(${channel}, ${payload})`);
    },
    async close() {
      await Promise.all([listener.close(), sql.end({ timeout: closeTimeoutSeconds })]);
    },
  };
}

/** At the level `trace`: statements as they are prepared, without the values that go into them. */
function queryLogger(log: Logger): DrizzleLogger | false {
  return log.isLevelEnabled('trace') && { logQuery: (query) => log.trace({ query }, 'database query') };
}

function subscriberOf(callback: (payload: string | undefined) => void): Subscriber {
  return { notified: callback, reconnected: () => callback(undefined) };
}
