import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { maskUrlPassword } from '../config/mask.ts';
import { StartupError } from '../startup-error.ts';
import { databaseErrorCode, isUnavailable } from './unavailable.ts';

export const connectTimeoutSeconds = 5;

/** Any number that nothing else in the database locks on: "aaut" in ASCII. */
const migrationLock = 0x61617574;

const wrongUrlStates: Readonly<Record<string, string>> = {
  '28000': 'the user may not connect',
  '28P01': 'the user or the password is wrong',
  '3D000': 'there is no such database',
};

/**
 * Brings a database to the newest schema. Replicas that start at once take turns, so each migration runs once.
 *
 * @throws StartupError when the database cannot be reached or the URL is wrong
 */
export async function migrateDatabase(url: string, migrationsFolder: string, applicationName: string): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: connectTimeoutSeconds,
    connection: { application_name: `${applicationName} migrations` },
    onnotice: () => {},
  });
  try {
    // The lock belongs to the session, and ends with it.
    await sql`select pg_advisory_lock(${migrationLock})`;
    await migrate(drizzle(sql), { migrationsFolder });
  } catch (error) {
    throw startupError(error, url) ?? error;
  } finally {
    await sql.end({ timeout: connectTimeoutSeconds });
  }
}

function startupError(error: unknown, url: string): StartupError | undefined {
  const code = databaseErrorCode(error);
  const reason = code === undefined ? undefined : wrongUrlStates[code];
  if (reason === undefined && !isUnavailable(error)) return undefined;
  return new StartupError(
    `cannot use the database DATABASE_URL=${maskUrlPassword(url)}: ${reason ?? 'nothing answers there'} (${code})`,
    { cause: error },
  );
}
