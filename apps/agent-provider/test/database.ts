import { openDatabase } from '@aauth-stack/service/database';
import { captureLog } from '@aauth-stack/service/testing';
import { onTestFinished } from 'vitest';
import { migrationsFolder } from '../src/db/migrations.ts';
import type { Queries } from '../src/db/queries.ts';
import * as schema from '../src/db/schema.ts';

/** The provider's database as a test looks into it. */
export async function lookInto(url: string): Promise<Queries> {
  const { db, close } = await openDatabase({
    url,
    schema,
    migrationsFolder,
    applicationName: 'test',
    log: captureLog().log,
  });
  onTestFinished(close);
  return db;
}
