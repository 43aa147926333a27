import postgres from 'postgres';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import setUp from './postgres-global-setup.ts';
import { createTestDatabase } from './test-database.ts';

/** What Vitest hands to a global set-up, as far as this one uses it. */
function project() {
  const provided = new Map<string, unknown>();
  return { provided, provide: (name: string, value: unknown) => void provided.set(name, value) };
}

test('uses the server that TEST_DATABASE_URL names, and leaves it running', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  vi.stubEnv('TEST_DATABASE_URL', database.url);
  const { provided, provide } = project();
  const tearDown = await setUp({ provide });
  expect(provided.get('postgresAdminUrl')).toBe(database.url);
  await tearDown();
  const sql = postgres(database.url, { max: 1 });
  onTestFinished(() => sql.end());
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('gives each test a database of its own, on that server', async () => {
  const admin = new URL(inject('postgresAdminUrl'));
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  onTestFinished(() => first.drop());
  onTestFinished(() => second.drop());
  expect(new URL(first.url).host).toBe(admin.host);
  expect(first.url).not.toBe(second.url);
});
