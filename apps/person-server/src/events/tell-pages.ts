import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { changesChannel, type Topic } from './topics.ts';

/** Tells open pages of a change that no table of ours shows. */
export async function tellPages(db: Database, topics: readonly Topic[]): Promise<void> {
  await db.execute(sql`select pg_notify(${changesChannel}, ${topics.join()})`);
}
