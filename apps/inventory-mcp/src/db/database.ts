import type { Database as OpenDatabase } from '@aauth-stack/service/database';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type * as schema from './schema.ts';

export type Database = OpenDatabase<typeof schema>;

/** The database or a transaction of it. */
export type Queries = PgDatabase<PostgresJsQueryResultHKT, typeof schema>;
