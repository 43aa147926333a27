import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, realpath, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { StartupError } from '../startup-error.ts';
import { giveTo, may, type RunAs, sharedDirectory, temporaryDirectory } from './ordinary-user.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { endPostmaster, findPostmaster } from './postmaster.ts';

/** The superuser of the embedded server; its password is random and kept in the data directory. */
export const superuser = 'postgres';

const passwordFile = 'superuser-password';

/**
 * Makes sure that a data directory exists where `user` can reach it, and returns its real path. In a checkout that is
 * closed to that user the directory becomes a symbolic link to a shared place.
 */
export async function placeDataDirectory(path: string, user: RunAs): Promise<string> {
  const wanted = resolve(path);
  await mkdir(dirname(wanted), { recursive: true });
  const linked = await readlink(wanted).catch(() => undefined);
  if (linked === undefined && !may(user, '-x', dirname(wanted))) return linkDataDirectory(wanted, user);
  const directory = linked ?? wanted;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await giveTo(user, directory);
  return realpath(directory);
}

async function linkDataDirectory(wanted: string, user: RunAs): Promise<string> {
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const place = join(await sharedDirectory(), `data-${digest}`);
  // Without its link this is what is left of a data directory that somebody removed.
  const left = await findPostmaster(place);
  if (left) await endPostmaster(left.pid, place);
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { mode: 0o700 });
  await giveTo(user, place);
  await rm(wanted, { recursive: true, force: true });
  await symlink(place, wanted);
  return place;
}

/** Initialises the data directory unless that is done, and returns the superuser's password. */
export async function initialise(dataDir: string, binaries: PostgresBinaries, user: RunAs): Promise<string> {
  const existing = await readFile(join(dataDir, passwordFile), 'utf8').catch(() => undefined);
  if (existing !== undefined) return existing;
  if ((await readdir(dataDir)).length > 0) {
    throw new StartupError(
      `${dataDir} is not empty and was not made by this program: move it away or set another directory.`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  // Renamed into place when complete, so that an interrupted start leaves nothing half made.
  const partial = `${dataDir}.new`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await giveTo(user, partial);
  await runInitdb(partial, binaries, user, password);
  await writeSecret(join(partial, passwordFile), password, user);
  await rmdir(dataDir);
  await rename(partial, dataDir);
  return password;
}

async function runInitdb(dataDir: string, binaries: PostgresBinaries, user: RunAs, password: string): Promise<void> {
  const temporary = await temporaryDirectory(user);
  const file = join(temporary, 'password');
  try {
    await writeSecret(file, password, user);
    const flags = [
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ];
    const auth = [`--username=${superuser}`, '--auth=scram-sha-256', `--pwfile=${file}`];
    const child = spawn(binaries.initdb, [`--pgdata=${dataDir}`, ...flags, ...auth], {
      ...user,
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    if (code !== 0) throw new StartupError(`PostgreSQL cannot initialise ${dataDir}: ${output.trim()}`);
  } finally {
    await rm(temporary, { recursive: true });
  }
}

async function writeSecret(file: string, content: string, user: RunAs): Promise<void> {
  await writeFile(file, content, { mode: 0o600 });
  await giveTo(user, file);
}
