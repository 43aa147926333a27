import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NotesDatabase, openNotes } from '../../test/notes-database.ts';
import { notes } from '../../test/schema.ts';
import { captureLog, createTestDatabase, startDatabaseRelay, type TestDatabase } from '../testing/index.ts';
import { isUnavailable } from './index.ts';

let database: TestDatabase;
let first: NotesDatabase;
let second: NotesDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  [first, second] = await Promise.all([openNotes(database.url), openNotes(database.url)]);
});

afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await database.drop();
});

test('two replicas that start at once run each migration once', async () => {
  await first.db.insert(notes).values({ id: 'from the first' });
  expect(await second.db.select().from(notes)).toEqual([{ id: 'from the first', done: false }]);
  const applied = await first.sql`select count(*)::int as migrations from drizzle.__drizzle_migrations`;
  expect(applied[0]).toEqual({ migrations: 2 });
});

test('ping resolves while the database answers', async () => {
  await first.ping();
});

describe('notifications', () => {
  test('reach every replica, but only from a transaction that commits', async () => {
    const heard: string[] = [];
    const last = Promise.withResolvers<void>();
    const end = await second.listen('notes "quoted"', (payload) => {
      heard.push(String(payload));
      if (payload === 'last') last.resolve();
    });
    await first.notify('notes "quoted"', 'at once');
    await first.db.transaction(async (tx) => {
      await first.notify('notes "quoted"', 'committed', tx);
    });
    const rolledBack = first.db.transaction(async (tx) => {
      await first.notify('notes "quoted"', 'rolled back', tx);
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await first.notify('notes "quoted"', 'last');
    await last.promise;
    expect(heard).toEqual(['at once', 'committed', 'last']);
    end();
  });

  test('go on after the connection was cut, and the listener is told that it may have missed some', async () => {
    const { log, lines } = captureLog();
    const third = await openNotes(database.url, log);
    const heard: (string | undefined)[] = [];
    const reconnected = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    await third.listen('cut', (payload) => {
      heard.push(payload);
      if (payload === undefined) reconnected.resolve();
      else again.resolve();
    });
    await first.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'notes listener' and query = 'listen "cut"'`;
    await reconnected.promise;
    await first.notify('cut', 'again');
    await again.promise;
    expect(heard).toEqual([undefined, 'again']);
    expect(lines().map(({ msg }) => msg)).toEqual([
      'the connection that listens for notifications was lost',
      'listening for notifications again',
    ]);
    await third.close();
  });
});

describe('a wrong DATABASE_URL', () => {
  test.each([
    ['password', {}, 'the user or the password is wrong (28P01)'],
    ['port', { port: '1' }, 'nothing answers there (ECONNREFUSED)'],
    ['host', { hostname: 'nowhere.invalid' }, /nothing answers there \((ENOTFOUND|EAI_AGAIN)\)/],
  ])('%s stops the start with one line that hides the password', async (_what, change, reason) => {
    const url = Object.assign(new URL(database.url), { password: 'hunter2', ...change });
    const opened = openNotes(url.href);
    await expect(opened).rejects.toMatchObject({ name: 'StartupError' });
    await expect(opened).rejects.toThrow(reason);
    const shown = `cannot use the database DATABASE_URL=${url.href.replace('hunter2', '***')}: `;
    await expect(opened).rejects.toThrow(shown);
  });

  test('database stops the start too', async () => {
    const url = new URL(database.url);
    url.pathname = '/not_there';
    await expect(openNotes(url.href)).rejects.toThrow('there is no such database (3D000)');
  });
});

test('a database that stands still is one that is away, and it is used again when it answers', async () => {
  const relay = await startDatabaseRelay(database.url);
  const patient = await openNotes(relay.url, undefined, { silenceMs: 500 });
  try {
    // Several connections are open, and idle ones stay.
    await Promise.all(Array.from({ length: 5 }, () => patient.sql`select pg_sleep(0.1)`));
    relay.stall();
    const failures = await Promise.all(
      Array.from({ length: 5 }, () => patient.sql`select 1`.catch((error: unknown) => error)),
    );
    expect(failures.map(isUnavailable)).toEqual(Array(5).fill(true));
    await patient.ping();
  } finally {
    await patient.close();
    await relay.close();
  }
});

test('a database without disk or memory left is away too', async () => {
  for (const state of ['53100', '53200', '53300', '58030']) {
    const failure = await first.sql
      .unsafe(`do $$ begin raise exception 'full' using errcode = '${state}'; end $$`)
      .catch((error: unknown) => error);
    expect([state, isUnavailable(failure)]).toEqual([state, true]);
  }
});

test('isUnavailable tells a database that is away from a query that is wrong', async () => {
  const gone = await openNotes(database.url);
  await gone.close();
  const failure = await gone.db
    .select()
    .from(notes)
    .catch((error: unknown) => error);
  expect(isUnavailable(failure)).toBe(true);
  const wrong = await first.sql`select nonsense`.catch((error: unknown) => error);
  expect(isUnavailable(wrong)).toBe(false);
  const taken = await first.db
    .insert(notes)
    .values([{ id: 'twice' }, { id: 'twice' }])
    .catch((error: unknown) => error);
  expect(isUnavailable(taken)).toBe(false);
  for (const other of [undefined, 'CONNECTION_CLOSED', new Error('x', { cause: { code: 'ECONNREFUSED' } })]) {
    expect(isUnavailable(other)).toBe(false);
  }
});
