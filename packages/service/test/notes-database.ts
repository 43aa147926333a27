import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '../src/database/index.ts';
import type { Logger } from '../src/logger.ts';
import { captureLog } from '../src/testing/capture-log.ts';
import * as schema from './schema.ts';

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

export type NotesDatabase = Database<typeof schema>;

/** Opens the tests' small database, as a replica of a service would. */
export function openNotes(
  url: string,
  log: Logger = captureLog().log,
  options: { silenceMs?: number } = {},
): Promise<NotesDatabase> {
  return openDatabase({ url, schema, migrationsFolder, applicationName: 'notes', log, ...options });
}
