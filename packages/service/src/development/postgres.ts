import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { StartupError } from '../startup-error.ts';
import { initialise, placeDataDirectory, superuser } from './data-directory.ts';
import { ordinaryUser, type RunAs } from './ordinary-user.ts';
import { portIsFree } from './port.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { endPostmaster, findPostmaster, removeStalePidFile, waitUntilReady } from './postmaster.ts';
import { endWithThisProcess } from './watchdog.ts';

export interface EmbeddedPostgresOptions {
  /** Where the data are kept; created when missing. */
  dataDir: string;
  /** Port on 127.0.0.1. */
  port: number;
  /** Databases to create unless they exist. */
  databases?: readonly string[];
  /** Leave the server running when this process ends, until {@link stopEmbeddedPostgres}. */
  detached?: boolean;
  /** Server settings beside the data directory's own, for instance `{ fsync: 'off' }`. */
  settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  pid: number;
  /** Connection URL of a database, with the superuser's password. */
  url(database: string): string;
  /** Ends every connection and stops the server; the data stay. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server from npm on 127.0.0.1, for development and tests, as an ordinary user even when root calls.
 * A server that already runs detached on the same data and port is used as it is. Unless `detached`, the server ends
 * with this process, however that ends.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { port, databases = [], detached = false } = options;
  const user = await ordinaryUser(options.dataDir);
  const dataDir = await placeDataDirectory(options.dataDir, user);
  const binaries = await postgresBinaries(user);
  const password = await initialise(dataDir, binaries, user);
  const url = (database: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  const running = await findPostmaster(dataDir);
  if (running && (!detached || running.port !== port)) {
    throw new StartupError(`PostgreSQL already runs on ${dataDir} (pid ${running.pid}, port ${running.port}).`);
  }
  const { pid, release } = running
    ? { pid: running.pid, release: () => {} }
    : await startServer(binaries.postgres, dataDir, user, options);
  const stop = async () => {
    await endPostmaster(pid, dataDir);
    release();
  };
  try {
    await createDatabases(url('postgres'), databases);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, url, stop };
}

/** Stops the server that runs on a data directory, if one does; says whether one did. */
export async function stopEmbeddedPostgres(dataDir: string): Promise<boolean> {
  const real = await realpath(dataDir).catch(() => undefined);
  const running = real === undefined ? undefined : await findPostmaster(real);
  if (real === undefined || !running) return false;
  await endPostmaster(running.pid, real);
  return true;
}

async function startServer(
  program: string,
  dataDir: string,
  user: RunAs,
  { port, detached = false, settings = {} }: EmbeddedPostgresOptions,
): Promise<{ pid: number; release: () => void }> {
  await portIsFree(port);
  await removeStalePidFile(dataDir);
  const logFile = join(dataDir, 'server.log');
  const log = await open(logFile, 'w', 0o600);
  const allSettings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  const flags = Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(program, ['-D', dataDir, '-p', String(port), ...flags], {
    ...user,
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // A session of its own: Ctrl-C in the terminal is for whoever started it.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  try {
    const pid = await pidOf(child);
    const release = detached ? () => {} : endWithThisProcess(pid, user);
    if (!(await waitUntilReady(dataDir, pid, () => child.exitCode !== null || child.signalCode !== null))) {
      await endPostmaster(pid, dataDir);
      release();
      throw await startError(logFile);
    }
    child.unref();
    return { pid, release };
  } finally {
    await log.close();
  }
}

async function pidOf(child: ChildProcess): Promise<number> {
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('PostgreSQL was not started.');
  return child.pid;
}

async function startError(logFile: string): Promise<Error> {
  const log = await readFile(logFile, 'utf8');
  return new StartupError(`PostgreSQL does not start: ${log.trim().split('\n').slice(-3).join(' ')}`);
}

async function createDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const existing = await sql<{ datname: string }[]>`select datname from pg_database`;
    for (const name of names) {
      if (!existing.some(({ datname }) => datname === name)) await sql`create database ${sql(name)}`;
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}
