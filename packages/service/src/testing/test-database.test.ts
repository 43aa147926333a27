import { expect, onTestFinished, test } from 'vitest';
import { migrationsFolder, openNotes } from '../../test/notes-database.ts';
import { notes } from '../../test/schema.ts';
import { createTestDatabase } from './test-database.ts';

test('migrated databases that are made at once are migrated, and each by itself', async () => {
  const opened = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const database = await createTestDatabase({ migrationsFolder });
      onTestFinished(() => database.drop());
      const { db, close } = await openNotes(database.url);
      onTestFinished(close);
      return db;
    }),
  );
  await opened[0]?.insert(notes).values({ id: 'of the first' });
  const found = await Promise.all(opened.map((db) => db.select().from(notes)));
  expect(found.map((rows) => rows.length)).toEqual([1, 0, 0]);
});
