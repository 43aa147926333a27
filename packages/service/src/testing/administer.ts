import postgres, { type Sql } from 'postgres';

/** Does something on a database server, over a connection of its own. */
export async function administer(adminUrl: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
