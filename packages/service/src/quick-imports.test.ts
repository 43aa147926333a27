import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = `
  const [orm, core, driver, sql] = await Promise.all(
    ['drizzle-orm', 'drizzle-orm/pg-core', 'drizzle-orm/postgres-js', 'drizzle-orm/sql'].map((name) => import(name)),
  );
  const table = core.pgTable('notes', { id: core.text('id') });
  const query = driver.drizzle.mock().select().from(table).where(orm.eq(table.id, 'one')).toSQL();
  process.stdout.write(JSON.stringify([query, orm.sql === sql.sql, Object.keys(orm), Object.keys(core)]));
`;

async function run(words: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...words, '--input-type=module', '--eval', program],
    { cwd: new URL('.', import.meta.url).pathname },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('drizzle-orm is the same, and there once, however its files are found', async () => {
  const [quick, plain] = await Promise.all([run(['--import', './quick-imports.ts']), run([])]);
  expect(quick).toEqual(plain);
  expect(quick).toMatchObject([
    { params: ['one'] },
    true,
    expect.arrayContaining(['eq']),
    expect.arrayContaining(['pgTable']),
  ]);
});
