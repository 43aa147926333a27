import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type * as schema from './schema.ts';

/** Either the database or a transaction on it. */
export type Queries = PgDatabase<PostgresJsQueryResultHKT, typeof schema>;
