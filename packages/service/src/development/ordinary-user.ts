import { spawnSync } from 'node:child_process';
import { chown, lchown, mkdir, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '../startup-error.ts';

/** Whom to run PostgreSQL as, in the form `spawn` takes it; empty to run as oneself. */
export interface RunAs {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. Root runs it as the owner of data that exist already, else as `postgres` where the
 * system has that user, else as `nobody`, which every system has: no user is added to the machine.
 */
export async function ordinaryUser(dataDir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const owner = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const user = users.find(([candidate]) => candidate === name);
    if (user) return { uid: Number(user[2]) >>> 0, gid: Number(user[3]) >>> 0 };
  }
  throw new StartupError(
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody".',
  );
}

/** Whether that user may read, write or enter a path, with every folder above it: asked of the system itself. */
export function may(user: RunAs, flag: '-r' | '-w' | '-x', path: string): boolean {
  return spawnSync('/bin/sh', ['-c', `test ${flag} "$1"`, 'sh', path], { ...user, cwd: '/' }).status === 0;
}

/** A new folder for temporary files that the user owns and can reach. */
export async function temporaryDirectory(user: RunAs): Promise<string> {
  const base = [tmpdir(), '/tmp', '/var/tmp'].find((directory) => may(user, '-x', directory)) ?? tmpdir();
  const directory = await mkdtemp(join(base, 'aauth-postgres-'));
  await giveTo(user, directory);
  return directory;
}

/** Makes the user the owner of one file or folder. */
export async function giveTo({ uid, gid }: RunAs, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Makes the user the owner of a folder and everything in it. */
export async function giveTreeTo(user: RunAs, directory: string): Promise<void> {
  const { uid, gid } = user;
  if (uid === undefined || gid === undefined) return;
  await giveTo(user, directory);
  for (const entry of await readdir(directory, { recursive: true })) await lchown(join(directory, entry), uid, gid);
}

/** Where root keeps what an ordinary user has to reach when the checkout itself is closed to others, as `/root` is. */
export async function sharedDirectory(): Promise<string> {
  const directory = '/var/lib/aauth-stack';
  await mkdir(directory, { recursive: true, mode: 0o755 });
  return directory;
}
