import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NotesDatabase, openNotes } from '../../test/notes-database.ts';
import { notes } from '../../test/schema.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { createWaiter, type Waiter } from './index.ts';

const long = 20_000;

let database: TestDatabase;
let waitingReplica: NotesDatabase;
let decidingReplica: NotesDatabase;
let waiter: Waiter;

beforeAll(async () => {
  database = await createTestDatabase();
  [waitingReplica, decidingReplica] = await Promise.all([openNotes(database.url), openNotes(database.url)]);
  waiter = await createWaiter(waitingReplica, 'notes_done');
});

afterAll(async () => {
  waiter.close();
  await Promise.all([waitingReplica.close(), decidingReplica.close()]);
  await database.drop();
});

async function finish(id: string): Promise<void> {
  await decidingReplica.db.transaction(async (tx) => {
    await tx.update(notes).set({ done: true }).where(eq(notes.id, id));
    await decidingReplica.notify('notes_done', id, tx);
  });
}

async function finished(id: string): Promise<string | undefined> {
  const [note] = await waitingReplica.db.select().from(notes).where(eq(notes.id, id));
  return note?.done ? note.id : undefined;
}

test('a wait in one replica ends when another replica notifies its key, and not before', async () => {
  const woken: string[] = [];
  const mine = waiter.waitFor('mine', long).then((result) => woken.push(`mine ${result}`));
  const other = waiter.waitFor('other', long).then((result) => woken.push(`other ${result}`));
  await decidingReplica.notify('notes_done', 'other');
  await other;
  expect(woken).toEqual(['other true']);
  await decidingReplica.notify('notes_done', 'mine');
  await mine;
  expect(woken).toEqual(['other true', 'mine true']);
});

test('every wait for one key is woken', async () => {
  const waits = [waiter.waitFor('shared', long), waiter.waitFor('shared', long)];
  await decidingReplica.notify('notes_done', 'shared');
  expect(await Promise.all(waits)).toEqual([true, true]);
});

test('a change that comes between the call and the await is not missed', async () => {
  const waiting = waiter.waitFor('early', long);
  const notified = waiter.waitFor('early', long);
  await decidingReplica.notify('notes_done', 'early');
  await notified;
  expect(await waiting).toBe(true);
});

test('a wait ends with false at its time or when its signal aborts', async () => {
  expect(await waiter.waitFor('never', 1)).toBe(false);
  const abort = new AbortController();
  const waiting = waiter.waitFor('never', long, abort.signal);
  abort.abort();
  expect(await waiting).toBe(false);
  expect(await waiter.waitFor('never', long, abort.signal)).toBe(false);
});

test('until gives at once what is there already', async () => {
  await decidingReplica.db.insert(notes).values({ id: 'done', done: true });
  expect(await waiter.until('done', () => finished('done'), { timeoutMs: 0 })).toBe('done');
});

test('until gives the change that another replica makes, even while the state is being read', async () => {
  await decidingReplica.db.insert(notes).values([{ id: 'later' }, { id: 'meanwhile' }]);
  const checked = Promise.withResolvers<void>();
  const later = waiter.until(
    'later',
    async () => {
      const result = await finished('later');
      checked.resolve();
      return result;
    },
    { timeoutMs: long },
  );
  await checked.promise;
  await finish('later');
  expect(await later).toBe('later');

  let reads = 0;
  const meanwhile = await waiter.until(
    'meanwhile',
    async () => {
      const before = await finished('meanwhile');
      if (reads++ === 0) await finish('meanwhile');
      return before;
    },
    { timeoutMs: long },
  );
  expect([meanwhile, reads]).toEqual(['meanwhile', 2]);
});

test('until gives undefined when the time is up or the client is gone, and passes errors on', async () => {
  expect(await waiter.until('never', async () => undefined, { timeoutMs: 1 })).toBeUndefined();
  const signal = AbortSignal.abort();
  expect(await waiter.until('never', async () => undefined, { timeoutMs: long, signal })).toBeUndefined();
  const failing = waiter.until('never', () => Promise.reject(new Error('no database')), { timeoutMs: long });
  await expect(failing).rejects.toThrow('no database');
});

test('close ends every wait', async () => {
  const closing = await createWaiter(waitingReplica, 'notes_done');
  const waiting = closing.waitFor('never', long);
  const until = closing.until('never', async () => undefined, { timeoutMs: long });
  closing.close();
  expect(await waiting).toBe(false);
  expect(await until).toBeUndefined();
});
