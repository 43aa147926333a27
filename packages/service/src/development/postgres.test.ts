import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, lstat, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openNotes } from '../../test/notes-database.ts';
import { captureLog } from '../testing/index.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { freePort } from './port.ts';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from './postgres.ts';
import { postgresBinaries, runnableFolder } from './postgres-binaries.ts';
import { isRunning } from './postmaster.ts';

const isRoot = process.getuid?.() === 0;
const program = fileURLToPath(new URL('../../test/start-postgres.ts', import.meta.url));

let folder: string;
let dataDir: string;
let port: number;

/** An initialised data directory to copy: initialising takes a second or more of processor time. */
let prepared: string;

beforeAll(async () => {
  prepared = await mkdtemp(join(tmpdir(), 'embedded-postgres-prepared-'));
  if (isRoot) spawnSync('chmod', ['755', prepared]);
  const server = await startEmbeddedPostgres({ dataDir: join(prepared, 'data'), port: await freePort() });
  await server.stop();
});

afterAll(() => rm(prepared, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-test-'));
  if (isRoot) spawnSync('chmod', ['755', folder]);
  dataDir = join(folder, '.data', 'postgres');
  port = await freePort();
});

afterEach(async () => {
  await stopEmbeddedPostgres(dataDir);
  await rm(folder, { recursive: true });
});

async function usePreparedData(): Promise<void> {
  await mkdir(dirname(dataDir), { recursive: true });
  spawnSync('cp', ['-a', join(prepared, 'data'), dataDir]);
}

function start(options: { detached?: boolean; databases?: string[] } = {}) {
  return startEmbeddedPostgres({ dataDir, port, settings: { fsync: 'off' }, ...options });
}

async function query<T>(url: string, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1 });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function startInProcess(mode: 'attached' | 'detached') {
  const child = spawn(process.execPath, [program, dataDir, String(port), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, pid: Number(String(line)) };
}

async function ended(pid: number): Promise<void> {
  while (await isRunning(pid, dataDir)) await sleep(20);
}

test('keeps its databases over a restart, lets nobody in without the password, and is no root process', async () => {
  const first = await start({ databases: ['notes'] });
  await query(first.url('notes'), (sql) => sql`create table kept (id int)`);
  if (isRoot && process.platform === 'linux') expect((await stat(`/proc/${first.pid}`)).uid).not.toBe(0);
  const open = first.url('notes').replace(/:[^:@]+@/, ':guess@');
  await expect(query(open, (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' });
  await first.stop();
  expect(await isRunning(first.pid, dataDir)).toBe(false);

  const second = await start({ databases: ['notes', 'more'] });
  expect(await query(second.url('notes'), (sql) => sql`select count(*)::int as n from kept`)).toEqual([{ n: 0 }]);
  await query(second.url('more'), (sql) => sql`select 1`);
  await second.stop();
});

test('started detached it outlives its starter, is used as it is the second time, and is stopped by its pid file', async () => {
  await usePreparedData();
  const { child, pid } = await startInProcess('detached');
  if (child.exitCode === null) await once(child, 'close');
  const again = await start({ detached: true, databases: ['notes'] });
  expect(again.pid).toBe(pid);
  await query(again.url('notes'), (sql) => sql`select 1`);
  await expect(start()).rejects.toThrow(
    `PostgreSQL already runs on ${await realpath(dataDir)} (pid ${pid}, port ${port})`,
  );
  expect(await stopEmbeddedPostgres(dataDir)).toBe(true);
  expect(await stopEmbeddedPostgres(dataDir)).toBe(false);
});

test('ends when its starter is killed, and starts again over what that leaves', async () => {
  await usePreparedData();
  const { child, pid } = await startInProcess('attached');
  child.kill('SIGKILL');
  await ended(pid);
  const again = await start();
  expect(again.pid).not.toBe(pid);
  await again.stop();
});

test('starts over the pid file of a crash, also when another program has that pid by now', async () => {
  await usePreparedData();
  const first = await start();
  process.kill(first.pid, 'SIGKILL');
  await ended(first.pid);
  const pidFile = join(dataDir, 'postmaster.pid');
  const left = await readFile(pidFile, 'utf8');
  expect(left).toMatch(new RegExp(`^${first.pid}\n`));
  await writeFile(pidFile, left.replace(/^\d+/, String(process.ppid)));
  const second = await start();
  await query(second.url('postgres'), (sql) => sql`select 1`);
  await second.stop();
});

test('a taken port is named with its holder', async () => {
  await usePreparedData();
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  const expected = process.platform === 'linux' ? `pid ${process.pid} ` : 'another process';
  await expect(start()).rejects.toThrow(`Port ${port} for PostgreSQL is taken by ${expected}`);
  holder.close();
});

test("a directory with somebody else's files is left alone", async () => {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'precious.txt'), 'mine');
  await expect(start()).rejects.toThrow('is not empty and was not made by this program');
  expect(await readFile(join(dataDir, 'precious.txt'), 'utf8')).toBe('mine');
});

test('a service that listens for notifications goes on after the server was away for a while', async () => {
  await usePreparedData();
  const first = await start({ databases: ['notes'] });
  const { log, lines } = captureLog();
  const database = await openNotes(first.url('notes'), log);
  const reconnected = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  await database.listen('news', (payload) => (payload === undefined ? reconnected.resolve() : heard.resolve(payload)));
  await first.stop();
  await expect(database.ping()).rejects.toThrow();
  await sleep(400);
  const second = await start();
  await reconnected.promise;
  await database.notify('news', 'back');
  expect(await heard.promise).toBe('back');
  expect(lines()).toContainEqual(expect.objectContaining({ msg: 'listening for notifications again' }));
  await database.close();
  await second.stop();
});

test.runIf(isRoot)(
  'in a checkout that is closed to others the data are kept in a shared place behind a link',
  async () => {
    spawnSync('chmod', ['700', folder]);
    const first = await start({ databases: ['notes'] });
    const place = await realpath(dataDir);
    expect((await lstat(dataDir)).isSymbolicLink()).toBe(true);
    expect(place).toMatch(/^\/var\/lib\/aauth-stack\/data-/);
    await query(first.url('notes'), (sql) => sql`create table kept (id int)`);
    await first.stop();
    const second = await start({ detached: true });
    await query(second.url('notes'), (sql) => sql`select * from kept`);

    // Somebody removes the data directory, as a fresh start would: the server behind it ends and nothing is left of it.
    await rm(dirname(dataDir), { recursive: true });
    const third = await start();
    expect(await isRunning(second.pid, place)).toBe(false);
    await expect(query(third.url('notes'), (sql) => sql`select 1`)).rejects.toMatchObject({ code: '3D000' });
    await third.stop();
    await rm(place, { recursive: true });
  },
);

test.runIf(isRoot)('programs that are closed to others are copied to where the user can run them', async () => {
  const user = await ordinaryUser('');
  const installed = dirname(dirname((await postgresBinaries(user)).postgres));
  spawnSync('chmod', ['700', folder]);
  const closed = join(folder, 'native');
  await cp(installed, closed, { recursive: true, verbatimSymlinks: true });
  const copy = await runnableFolder(closed, user);
  expect(copy).not.toBe(closed);
  const version = spawnSync(join(copy, 'bin', 'postgres'), ['--version'], { ...user, encoding: 'utf8' });
  expect(version.stdout).toMatch(/^postgres \(PostgreSQL\) 18\./);
  expect(await runnableFolder(closed, user)).toBe(copy);
  await rm(copy, { recursive: true });
});
