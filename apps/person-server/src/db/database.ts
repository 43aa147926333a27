import { fileURLToPath } from 'node:url';
import type { Database as OpenDatabase } from '@aauth-stack/service/database';
import type * as schema from './schema.ts';

/** The tables of this service, to query. */
export type Database = OpenDatabase<typeof schema>['db'];

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));
